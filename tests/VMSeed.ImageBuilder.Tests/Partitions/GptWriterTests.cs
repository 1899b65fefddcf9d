using VMSeed.Blocks.Devices;
using VMSeed.ImageBuilder.Partitions;
using VMSeed.Testing;
using VMSeed.Testing.Peers;

namespace VMSeed.ImageBuilder.Tests.Partitions;

/// <summary>Partition tables, as util-linux reads them.</summary>
public sealed class GptWriterTests
{
    private static readonly Guid _disk = new("0b8e7a3c-4f5d-4c7a-9d55-0123456789ab");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SeedSize.Least)]
    [InlineData(SeedSize.Default)]
    [InlineData(SeedSize.Greatest)]
    public async Task A_seeds_table_is_without_fault(long wish)
    {
        using TempFolder folder = new();
        string path = folder["disk.raw"];
        long size = SeedSize.Of(wish);
        await using (FileBlockDevice disk = FileBlockDevice.Create(path, size))
        {
            await GptWriter.WriteAsync(disk, SeedLayout.Of(_disk, size), default, Stop);
        }

        string verdict = await PeerProgram.OutputAsync("sfdisk", "--verify", path);
        Assert.Contains("No errors detected", verdict, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_types_places_and_identifiers_are_those_of_the_layout()
    {
        using TempFolder folder = new();
        string path = folder["disk.raw"];
        long size = SeedSize.Of(SeedSize.Default);
        GptTable table = SeedLayout.Of(_disk, size);
        await using (FileBlockDevice disk = FileBlockDevice.Create(path, size))
        {
            await GptWriter.WriteAsync(disk, table, default, Stop);
        }

        string dump = await PeerProgram.OutputAsync("sfdisk", "--dump", path);
        Assert.Contains($"label-id: {_disk}", dump, StringComparison.OrdinalIgnoreCase);
        foreach (GptPartition partition in table.Partitions)
        {
            string line = dump.Split('\n').Single(
                text => text.Contains($"name=\"{partition.Name}\"", StringComparison.Ordinal));
            string flat = line.Replace(" ", "", StringComparison.Ordinal);
            Assert.Contains(
                $"start={partition.Offset / 512},size={partition.Length / 512},"
                + $"type={partition.Type},uuid={partition.Id},",
                flat,
                StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void The_parts_of_a_seed_touch_each_other_in_the_order_of_the_disk()
    {
        long size = SeedSize.Of(SeedSize.Default);
        IReadOnlyList<GptPartition> parts = SeedLayout.Of(_disk, size).Partitions;
        Assert.Equal(
            ["vmseed-bios", "vmseed-boot", "vmseed-cache", "vmseed-changes"],
            parts.Select(part => part.Name));
        Assert.All(
            parts.Zip(parts.Skip(1)),
            pair => Assert.Equal(pair.First.End, pair.Second.Offset));
        Assert.Equal(4, parts.Select(part => part.Id).Distinct().Count());
    }

    [Fact]
    public async Task A_partition_that_overlaps_is_refused()
    {
        await using MemoryBlockDevice disk = new(8 << 20);
        GptPartition first = new("a", PartitionTypes.LinuxData, _disk, 1 << 20, 2 << 20);
        GptPartition second = first with { Name = "b", Offset = 2 << 20 };
        ArgumentException fault = await Assert.ThrowsAsync<ArgumentException>(
            () => GptWriter.WriteAsync(
                disk, new GptTable(_disk, [first, second]), default, Stop));
        Assert.Contains("The partition b", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_partition_that_would_lie_in_the_second_table_is_refused()
    {
        await using MemoryBlockDevice disk = new(8 << 20);
        GptPartition part = new("a", PartitionTypes.LinuxData, _disk, 1 << 20, 7 << 20);
        await Assert.ThrowsAsync<ArgumentException>(
            () => GptWriter.WriteAsync(
                disk, new GptTable(_disk, [part]), default, Stop));
    }
}
