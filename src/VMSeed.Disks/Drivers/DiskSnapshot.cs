namespace VMSeed.Disks.Drivers;

/// <summary>A disk as it once was, kept within its image.</summary>
/// <param name="Id">What the image calls it: unique in it, mostly a number.</param>
/// <param name="Name">What its maker calls it; may be empty, and is not unique.</param>
/// <param name="Created">When it was made, by its maker's clock.</param>
/// <param name="Length">The disk's size then, in bytes.</param>
public sealed record DiskSnapshot(string Id, string Name, DateTimeOffset Created, long Length)
{
    /// <summary>Bytes of the running machine's state that were kept with it; 0 for the disk
    /// alone.</summary>
    public long MachineStateSize { get; init; }
}
