using System.Text;
using VMSeed.Blocks.Devices;
using VMSeed.ImageBuilder.Boot.Tables;
using VMSeed.Testing;
using VMSeed.Testing.Peers;

namespace VMSeed.ImageBuilder.Tests.Boot.Tables;

/// <summary>Tables that sfdisk makes, and what becomes of them when they are damaged.</summary>
public sealed class PartitionTableTests : IDisposable
{
    private const int DiskLength = 4 * 1024 * 1024;

    private const string Gpt = "label: gpt\nstart=2048, size=1024\nstart=4096, size=2000\n";

    private readonly TempFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_gpt_is_read()
    {
        byte[] disk = await MakeAsync(Gpt);
        PartitionTable table = await ReadAsync(disk);
        Assert.Equal(PartitionScheme.Gpt, table.Scheme);
        Assert.Equal([(1, 2048 * 512L, 1024 * 512L), (2, 4096 * 512L, 2000 * 512L)], Places(table));
    }

    [Theory]
    [InlineData(512, 512)]
    [InlineData(1024, 16384)]
    public async Task A_gpt_whose_begin_is_damaged_is_read_from_its_copy(int offset, int length)
    {
        byte[] disk = await MakeAsync(Gpt);
        disk.AsSpan(offset + 60, length - 60).Fill(0xA5);
        Assert.Equal(2, (await ReadAsync(disk)).Partitions.Count);
    }

    [Fact]
    public async Task A_gpt_that_is_damaged_twice_is_refused()
    {
        byte[] disk = await MakeAsync(Gpt);
        disk[512 + 40] ^= 1;
        disk[^(512 - 40)] ^= 1;
        ImageBuilderException refusal = await Assert.ThrowsAsync<ImageBuilderException>(
            () => ReadAsync(disk));
        Assert.Equal(ImageBuilderFault.Damaged, refusal.Fault);
    }

    [Fact]
    public async Task Logical_partitions_are_numbered_from_five()
    {
        string script = "label: dos\nstart=64, size=64, type=83\nstart=1024, size=3072, type=f\n"
            + "start=5000, size=100, type=83\nsize=1, start=6000, type=83\n"
            + "start=1088, size=100, type=83\nstart=2048, size=100, type=83\n";
        PartitionTable table = await ReadAsync(await MakeAsync(script));
        Assert.Equal(PartitionScheme.Mbr, table.Scheme);
        Assert.Equal(
            [
                (1, 64 * 512L, 64 * 512L), (3, 5000 * 512L, 100 * 512L),
                (4, 6000 * 512L, 512L), (5, 1088 * 512L, 100 * 512L),
                (6, 2048 * 512L, 100 * 512L),
            ],
            Places(table));
    }

    [Fact]
    public async Task A_chain_that_bites_its_tail_ends()
    {
        byte[] disk = new byte[DiskLength];
        Write(disk, sector: 0, entry: 0, type: 5, first: 8);
        Write(disk, sector: 8, entry: 0, type: 0x83, first: 1);
        Write(disk, sector: 8, entry: 1, type: 5, first: 0);
        Assert.InRange((await ReadAsync(disk)).Partitions.Count, 1, 255);
    }

    [Fact]
    public async Task A_disk_without_a_table_is_one_whole()
    {
        PartitionTable table = await ReadAsync(Pattern.Random(DiskLength, seed: 4));
        Assert.Equal(PartitionScheme.None, table.Scheme);
        Assert.Equal([(0, 0L, (long)DiskLength)], Places(table));
    }

    [Theory]
    [InlineData(Gpt)]
    [InlineData("label: dos\nstart=64, size=64\nstart=1024, size=3072, type=f\nstart=2048\n")]
    public async Task Damaged_tables_are_refused_or_stay_on_the_disk(string script)
    {
        byte[] whole = await MakeAsync(script);
        await using MemoryBlockDevice disk = new(whole);
        int refused = 0;
        for (int seed = 0; seed < 2000; seed++)
        {
            Random random = new(seed);
            int[] damaged = [.. Enumerable.Range(0, random.Next(1, 8)).Select(_ => Place(random))];
            foreach (int at in damaged)
            {
                await disk.WriteAsync(at, new[] { (byte)random.Next(256) }, Cancelled);
            }

            try
            {
                PartitionTable table = await PartitionTable.ReadAsync(disk, Cancelled);
                Assert.All(table.Partitions, partition => Assert.True(
                    partition is { Offset: >= 0, Length: > 0 }
                    && partition.Length <= DiskLength - partition.Offset));
            }
            catch (ImageBuilderException)
            {
                refused++;
            }

            foreach (int at in damaged)
            {
                await disk.WriteAsync(at, whole.AsMemory(at, 1), Cancelled);
            }
        }

        Assert.InRange(refused, 0, 1999);
    }

    // In the boot sector's table, or in what of a GPT is used, or in its copy.
    private static int Place(Random random) => random.Next(3) switch
    {
        0 => random.Next(440, 512),
        1 => random.Next(512, 1536),
        _ => DiskLength - random.Next(1, 1024),
    };

    private static void Write(byte[] disk, int sector, int entry, byte type, byte first)
    {
        Span<byte> at = disk.AsSpan(sector * 512);
        at[446 + (entry * 16) + 4] = type;
        at[446 + (entry * 16) + 8] = first;
        at[446 + (entry * 16) + 12] = 200;
        at[510] = 0x55;
        at[511] = 0xAA;
    }

    private async Task<byte[]> MakeAsync(string script)
    {
        string disk = _folder.Write("disk", new byte[DiskLength]);
        string commands = _folder.Write("script", Encoding.ASCII.GetBytes(script));
        await PeerProgram.OutputAsync(
            "bash", "-c", $"sfdisk --quiet --no-reread '{disk}' < '{commands}'");
        return await File.ReadAllBytesAsync(disk, Cancelled);
    }

    private static async Task<PartitionTable> ReadAsync(byte[] disk)
    {
        await using MemoryBlockDevice device = new(disk);
        return await PartitionTable.ReadAsync(device, Cancelled);
    }

    private static IEnumerable<(int Number, long Offset, long Length)> Places(
        PartitionTable table) => table.Partitions.Select(
            partition => (partition.Number, partition.Offset, partition.Length));
}
