namespace VMSeed.Disks.Drivers;

/// <summary>What a differencing image remembers of its parent, to know it again.</summary>
/// <param name="Id">The image's own identifier; empty where its format has none.</param>
/// <param name="ContentId">What changes when the image is written; empty where its format has
/// nothing of the kind.</param>
/// <param name="Cid">VMDK's content identifier; 0xFFFFFFFF elsewhere.</param>
internal sealed record DiskIdentity(Guid Id, Guid ContentId, uint Cid = uint.MaxValue)
{
    /// <summary>The sector that guests see, where a child must have the same; 0 where it need
    /// not.</summary>
    public int SectorSize { get; init; }

    public static DiskIdentity None { get; } = new(Guid.Empty, Guid.Empty);
}
