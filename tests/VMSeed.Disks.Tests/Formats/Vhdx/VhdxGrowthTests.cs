using VMSeed.Blocks.Primitives;
using VMSeed.Testing;
using VMSeed.Testing.Devices;
using VMSeed.Testing.Peers;

namespace VMSeed.Disks.Tests.Formats.Vhdx;

/// <summary>Disks grow, and their tables with them.</summary>
public sealed class VhdxGrowthTests
{
    private const long GiB = 1L << 30;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_table_that_is_too_short_moves_and_nothing_is_lost()
    {
        using TempFolder folder = new();
        byte[] one = Pattern.Random(100_000, 1);
        byte[] two = Pattern.Random(100_000, 2);
        await using (VirtualDisk disk = await VirtualDisk.CreateFileAsync(
            folder["disk"], Options(100 * GiB), Token))
        {
            await disk.WriteAsync(99 * GiB, one, Token);
            await disk.SetLengthAsync(1000 * GiB, Token);
            await disk.WriteAsync(999 * GiB, two, Token);
            await CheckAsync(disk, one, two);
        }

        await using (VirtualDisk disk = await VirtualDisk.OpenFileAsync(
            folder["disk"], new VirtualDiskOptions { CanWrite = true }, Token))
        {
            await CheckAsync(disk, one, two);
            Assert.True((await disk.CheckAsync(cancellationToken: Token)).IsClean);
        }

        await QemuImg.AssertCleanAsync(folder["disk"], "vhdx");
        await QemuIo.RunAsync(folder["disk"], "vhdx", QemuIo.Read(500 * GiB, 1 << 20, 0));
    }

    [Fact]
    public async Task A_table_moves_whole_or_not_wherever_the_power_goes()
    {
        PowerCutDevice file = new(0);
        byte[] one = Pattern.Random(5000, 1);
        int before;
        await using (VirtualDisk disk = await VirtualDisk.CreateAsync(
            file, Options(100 * GiB), Token))
        {
            await disk.WriteAsync(99 * GiB, one, Token);
            await disk.FlushAsync(Token);
            before = file.Changes;
            await disk.SetLengthAsync(300 * GiB, Token);
        }

        byte[] found = new byte[one.Length];
        await foreach (PowerCut cut in file.CutsAsync(3, 60, before))
        {
            await using VirtualDisk disk = await VirtualDisk.OpenAsync(
                cut.Device, new VirtualDiskOptions { CanWrite = true }, Token);
            Assert.Contains(disk.Length, new[] { 100 * GiB, 300 * GiB });
            await disk.ReadAsync(99 * GiB, found, Token);
            Assert.Equal(one, found);
            await disk.SetLengthAsync(400 * GiB, Token);
        }
    }

    [Fact]
    public async Task A_sparse_tebibyte_is_one_extent_of_zeros_and_a_shorter_disk_is_refused()
    {
        PowerCutDevice file = new(0);
        await using VirtualDisk disk = await VirtualDisk.CreateAsync(
            file, Options(1024 * GiB), Token);
        List<Extent> extents = [];
        await foreach (Extent extent in disk.ExtentsAsync(0, disk.Length, Token))
        {
            extents.Add(extent);
        }

        Assert.Equal([new Extent(0, 1024 * GiB, ExtentKind.Zero)], extents);
        await Assert.ThrowsAsync<NotSupportedException>(
            async () => await disk.SetLengthAsync(GiB, Token));
    }

    private static async Task CheckAsync(VirtualDisk disk, byte[] one, byte[] two)
    {
        byte[] found = new byte[one.Length];
        await disk.ReadAsync(99 * GiB, found, Token);
        Assert.Equal(one, found);
        await disk.ReadAsync(999 * GiB, found, Token);
        Assert.Equal(two, found);
    }

    private static VirtualDiskCreateOptions Options(long length) => new()
    {
        Format = DiskFormat.Vhdx,
        Length = length,
        BlockSize = 1 << 20,
    };
}
