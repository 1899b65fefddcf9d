namespace VMSeed.ImageBuilder.Partitions;

/// <summary>The partitions of a disk.</summary>
/// <param name="DiskId">The disk's identifier.</param>
/// <param name="Partitions">The partitions, numbered from 1.</param>
public sealed record GptTable(Guid DiskId, IReadOnlyList<GptPartition> Partitions)
{
    /// <summary>Finds a partition by its name.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The first of that name; null where there is none.</returns>
    public GptPartition? Find(string name) =>
        Partitions.FirstOrDefault(partition => partition.Name == name);
}
