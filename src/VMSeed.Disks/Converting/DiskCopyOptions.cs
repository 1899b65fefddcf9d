namespace VMSeed.Disks.Converting;

/// <summary>What of a disk is copied, and onto what.</summary>
public sealed record DiskCopyOptions
{
    /// <summary>Where in the source to begin; it lands at the target's beginning.</summary>
    /// <value>Bytes; 0 by default.</value>
    public long Offset { get; init; }

    /// <summary>How far.</summary>
    /// <value>Bytes; null by default: to the source's end.</value>
    public long? Length { get; init; }

    /// <summary>What the target holds already.</summary>
    /// <value><see cref="CopyTargetContent.Unknown"/> by default.</value>
    public CopyTargetContent TargetContent { get; init; }
}
