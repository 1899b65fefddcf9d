using System.Buffers.Binary;
using System.Globalization;
using VMSeed.Blocks.Primitives;
using VMSeed.Disks;
using VMSeed.Testing.Peers;
using VMSeed.Tool.Tests.Running;

namespace VMSeed.Tool.Tests.Seeds;

/// <summary>A seed's file seen from outside.</summary>
internal static class SeedInspection
{
    // docs/SEED-DISK.md: the fourth entry of the table of partitions (UEFI 2.10, 5.3.3).
    private const int ChangesEntry = (2 * 512) + (3 * 128);

    /// <summary>What the file occupies: its length, or of a sparse one its storage.</summary>
    public static async Task<long> SizeAsync(string file, SeedFormat format) =>
        format.Driver == "raw"
            ? 1024 * long.Parse(
                (await PeerProgram.OutputAsync("du", "-k", file)).Split('\t')[0],
                CultureInfo.InvariantCulture)
            : new FileInfo(file).Length;

    /// <summary>Bytes that the partition of changes occupies in the file.</summary>
    public static async Task<long> ChangesAsync(string file)
    {
        await using VirtualDisk disk = await VirtualDisk.OpenFileAsync(
            file, cancellationToken: TestContext.Current.CancellationToken);
        byte[] entry = new byte[128];
        await disk.ReadAsync(ChangesEntry, entry);
        long first = BinaryPrimitives.ReadInt64LittleEndian(entry.AsSpan(32));
        long last = BinaryPrimitives.ReadInt64LittleEndian(entry.AsSpan(40));
        long bytes = 0;
        await foreach (Extent extent in disk.ExtentsAsync(
            first * 512, (last + 1 - first) * 512, TestContext.Current.CancellationToken))
        {
            bytes += extent.Kind == ExtentKind.Data ? extent.Length : 0;
        }

        return bytes;
    }

    /// <summary>Holds the file to its format's rules: by QEMU's judgement where it has one, and by
    /// ours.</summary>
    public static async Task CheckAsync(string file, SeedFormat format)
    {
        if (format.QemuChecks)
        {
            await PeerProgram.OutputAsync("qemu-img", "check", "-f", format.Driver, file);
        }

        if (format.Driver != "raw")
        {
            (await Vmseed.RunAsync("disk", "check", file)).MustExit(0);
        }
    }

    /// <summary>Mends what a loss of power left behind.</summary>
    public static async Task RepairAsync(string file, SeedFormat format)
    {
        if (format.QemuChecks)
        {
            _ = await PeerProgram.RunAsync(
                "qemu-img", "check", "-r", "all", "-f", format.Driver, file);
        }
    }
}
