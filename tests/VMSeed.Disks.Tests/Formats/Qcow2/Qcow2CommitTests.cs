using VMSeed.Blocks;
using VMSeed.Blocks.Devices;
using VMSeed.Disks.Tests.Converting;
using VMSeed.Testing;

namespace VMSeed.Disks.Tests.Formats.Qcow2;

/// <summary>What a commit costs: refcounts in order have to be as cheap as lazy ones.</summary>
public sealed class Qcow2CommitTests
{
    private const int ClusterSize = 65_536;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task New_clusters_cost_two_flushes_and_two_sectors_of_tables()
    {
        await using WatchedDevice file = new(new MemoryBlockDevice(0));
        await using VirtualDisk disk = await MakeAsync(file);
        await disk.WriteAsync(0, new byte[ClusterSize], Token);
        await disk.FlushAsync(Token);

        int before = Start(file);
        await disk.WriteAsync(ClusterSize, Pattern.Random(8 * ClusterSize, 1), Token);
        await disk.FlushAsync(Token);
        Assert.Equal((2, 1024), (file.Flushes - before, Written(file) - (8 * ClusterSize)));
    }

    [Fact]
    public async Task A_first_cluster_of_a_table_costs_one_flush_more()
    {
        await using WatchedDevice file = new(new MemoryBlockDevice(0));
        await using VirtualDisk disk = await MakeAsync(file);
        await disk.FlushAsync(Token);

        int before = Start(file);
        await disk.WriteAsync(0, Pattern.Random(ClusterSize, 1), Token);
        await disk.FlushAsync(Token);
        Assert.Equal((3, 1536), (file.Flushes - before, Written(file) - ClusterSize));
    }

    [Fact]
    public async Task Freed_clusters_cost_one_flush_more()
    {
        await using WatchedDevice file = new(new MemoryBlockDevice(0));
        await using VirtualDisk disk = await MakeAsync(file);
        await disk.WriteAsync(0, Pattern.Random(8 * ClusterSize, 1), Token);
        await disk.FlushAsync(Token);

        int before = Start(file);
        await disk.TrimAsync(0, 4 * ClusterSize, Token);
        await disk.FlushAsync(Token);
        Assert.Equal((3, 1024), (file.Flushes - before, Written(file)));
    }

    [Fact]
    public async Task Writes_in_place_cost_one_flush_and_no_tables()
    {
        await using WatchedDevice file = new(new MemoryBlockDevice(0));
        await using VirtualDisk disk = await MakeAsync(file);
        await disk.WriteAsync(0, Pattern.Random(8 * ClusterSize, 1), Token);
        await disk.FlushAsync(Token);

        int before = Start(file);
        await disk.WriteAsync(1000, Pattern.Random(5000, 2), Token);
        await disk.FlushAsync(Token);
        Assert.Equal((1, 5000), (file.Flushes - before, Written(file)));
    }

    private static ValueTask<VirtualDisk> MakeAsync(BlockDevice file) => VirtualDisk.CreateAsync(
        file,
        new VirtualDiskCreateOptions { Format = DiskFormat.Qcow2, Length = 1 << 30 },
        Token);

    private static int Start(WatchedDevice file)
    {
        file.Writes.Clear();
        return file.Flushes;
    }

    private static int Written(WatchedDevice file) => file.Writes.Sum(write => write.Length);
}
