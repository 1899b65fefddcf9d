using VMSeed.Blocks;
using VMSeed.Disks.Access;

namespace VMSeed.Disks.Drivers;

/// <summary>What a format is given to make an image with.</summary>
/// <param name="File">An empty file that can grow.</param>
/// <param name="Options">What the caller wants.</param>
/// <param name="Files">What makes the other files, for shapes that have several.</param>
internal sealed record CreateRequest(
    BlockDevice File, VirtualDiskCreateOptions Options, FileResolver Files)
{
    /// <summary>The file's own name, for formats whose other files are named after it.</summary>
    public string? FileName { get; init; }

    /// <summary>What the new image is to remember of its parent; null without one.</summary>
    public DiskIdentity? ParentIdentity { get; init; }

    /// <summary>The parent's own format: what the caller says, else what the parent is; raw for a
    /// device that is no image.</summary>
    public DiskFormat ParentFormat { get; init; }
}
