using VMSeed.Blocks;
using VMSeed.ImageBuilder.Partitions;

namespace VMSeed.ImageBuilder.Boot.Tables;

/// <summary>The partitions of somebody's disk.</summary>
/// <param name="Scheme">How it is parted.</param>
/// <param name="Partitions">The partitions; of an undivided disk, the whole of it.</param>
internal sealed record PartitionTable(
    PartitionScheme Scheme, IReadOnlyList<DiskPartition> Partitions)
{
    internal const int SectorSize = 512;

    /// <summary>Reads the table of a disk.</summary>
    /// <exception cref="ImageBuilderException">It has one, and it is damaged.</exception>
    public static async ValueTask<PartitionTable> ReadAsync(
        BlockDevice disk, CancellationToken cancellationToken)
    {
        // A GPT has an MBR before it, for tools that know nothing else.
        if (await GptReader.ReadAsync(disk, cancellationToken) is { } gpt)
        {
            return new PartitionTable(
                PartitionScheme.Gpt,
                [
                    .. gpt.Partitions.Select(
                        one => new DiskPartition(one.Number, one.Offset, one.Length)),
                ]);
        }

        IReadOnlyList<DiskPartition> mbr = await MbrReader.ReadAsync(disk, cancellationToken);
        return mbr.Count > 0
            ? new PartitionTable(PartitionScheme.Mbr, mbr)
            : new PartitionTable(
                PartitionScheme.None, [new DiskPartition(Number: 0, Offset: 0, disk.Length)]);
    }
}
