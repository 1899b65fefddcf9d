using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Primitives;
using VMSeed.Disks.Tests.Converting;
using VMSeed.Testing;
using VMSeed.Testing.Peers;

namespace VMSeed.Disks.Tests.Formats.Vmdk;

/// <summary>Tables that were made in advance and never written are not read to map a
/// disk.</summary>
public sealed class VmdkEmptyTests
{
    private const long Length = 1L << 40;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_map_of_1_TiB_reads_no_table_of_zeros(bool isOurs)
    {
        using TempFolder folder = new();
        string path = folder["empty.vmdk"];
        await MakeAsync(path, isOurs);
        await using var file = FileBlockDevice.Open(path, FileAccess.ReadWrite);
        var watched = new WatchedDevice(file);
        await using VirtualDisk disk = await VirtualDisk.OpenAsync(
            watched, new VirtualDiskOptions { CanWrite = true }, Token);
        Assert.Equal([new Extent(0, Length, ExtentKind.Zero)], await MapAsync(disk));
        await disk.WriteAsync(Length / 2, new byte[] { 1, 2, 3, 4 }, Token);
        await AssertHasGrainAsync(disk);
        await disk.FlushAsync(Token);
        await AssertHasGrainAsync(disk);

        // Two directories of 128 KiB; all tables are 128 MiB.
        Assert.InRange(watched.Reads.Sum(read => (long)read.Length), 1, 2 << 20);
    }

    private static async Task MakeAsync(string path, bool isOurs)
    {
        if (!isOurs)
        {
            await QemuImg.CreateAsync(path, "vmdk", Length);
            return;
        }

        var options = new VirtualDiskCreateOptions { Format = DiskFormat.Vmdk, Length = Length };
        await (await VirtualDisk.CreateFileAsync(path, options, Token)).DisposeAsync();
    }

    private static async Task AssertHasGrainAsync(VirtualDisk disk)
    {
        Extent[] map = await MapAsync(disk);
        Assert.Equal(3, map.Length);
        Assert.Equal(Length / 2, map[1].Offset);
        Assert.Equal(ExtentKind.Data, map[1].Kind);
    }

    private static async Task<Extent[]> MapAsync(VirtualDisk disk) =>
        await disk.ExtentsAsync(0, disk.Length, Token).ToArrayAsync(Token);
}
