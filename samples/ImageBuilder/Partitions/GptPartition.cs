namespace VMSeed.ImageBuilder.Partitions;

/// <summary>A partition of a GPT.</summary>
/// <param name="Name">Its name: up to 36 UTF-16 units.</param>
/// <param name="Type">What it is for.</param>
/// <param name="Id">Its own identifier.</param>
/// <param name="Offset">Where it begins, in bytes.</param>
/// <param name="Length">Its size in bytes.</param>
public sealed record GptPartition(string Name, Guid Type, Guid Id, long Offset, long Length)
{
    /// <summary>Its place in the table, from 1; 0 where it has not been read from one.</summary>
    public int Number { get; init; }

    /// <summary>Where it ends, in bytes.</summary>
    public long End => Offset + Length;
}
