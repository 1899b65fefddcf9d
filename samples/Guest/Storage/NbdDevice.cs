using System.Globalization;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using VMSeed.Guest.Interop;
using VMSeed.Nbd;

namespace VMSeed.Guest.Storage;

// One connection, though the driver takes several. With several, a request that is not answered for
// 30 s (a time-out of 0 means this default) makes the driver give the connection up, then the next,
// and then the disk is dead; with one and a time-out of 0 it only grumbles and waits on
// (drivers/block/nbd.c, nbd_xmit_timeout). Waiting for hours is what a disk without mirrors has to
// do. What a second connection would bring is decoding on two processors, which readers get all the
// same where blocks are not in memory: those are answered by other threads.

/// <summary>A disk of ours as a block device of the kernel.</summary>
internal sealed class NbdDevice : IAsyncDisposable
{
    private const string Prefix = "/dev/nbd";

    // Tables of partitions count in these.
    private const int SectorSize = 512;

    // The longest read that is sent; the server refuses longer ones than its payload. The kernel's
    // own readahead is 128 KiB.
    private const int LongestRead = 512 * 1024;

    private static readonly NbdServerOptions s_options = new()
    {
        MaxPayload = 2 * LongestRead,
        BytesInFlight = 8 * LongestRead,
        SendTimeout = TimeSpan.FromHours(1),
        StopTimeout = TimeSpan.FromSeconds(2),
    };

    private readonly int _index;
    private readonly NbdAttachment _server;
    private readonly SafeFileHandle _kernels;

    private NbdDevice(int index, NbdExport export, ILogger logger)
    {
        _index = index;
        (Socket ours, _kernels) = SocketCalls.MakePair();
        _server = NbdServer.Attach([ours], export, s_options, logger);
    }

    /// <summary>Attaches a disk.</summary>
    /// <param name="device">The device, such as /dev/nbd0.</param>
    /// <param name="export">The disk.</param>
    /// <param name="logger">Hears of failures.</param>
    /// <returns>The device, which can be read.</returns>
    public static async Task<NbdDevice> AttachAsync(
        string device, NbdExport export, ILogger logger)
    {
        int index = int.Parse(device[Prefix.Length..], CultureInfo.InvariantCulture);
        NbdDevice attached = new(index, export, logger);
        try
        {
            NbdNetlink.Connect(
                index,
                attached._kernels,
                attached._server.Length / SectorSize * SectorSize,
                SectorSize,
                attached._server.Flags);
            await File.WriteAllTextAsync(
                $"/sys/block/nbd{index}/queue/max_sectors_kb", $"{LongestRead / 1024}");
            return attached;
        }
        catch
        {
            await attached._server.DisposeAsync();
            attached._kernels.Dispose();
            throw;
        }
    }

    /// <summary>Disconnects.</summary>
    public async ValueTask DisposeAsync()
    {
        NbdNetlink.Disconnect(_index);
        await _server.DisposeAsync();
        _kernels.Dispose();
    }
}
