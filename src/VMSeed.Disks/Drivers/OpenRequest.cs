using VMSeed.Blocks;
using VMSeed.Disks.Access;

namespace VMSeed.Disks.Drivers;

/// <summary>What a format is given to open an image with.</summary>
/// <param name="File">The image's file.</param>
/// <param name="Options">What the caller wants, validated.</param>
/// <param name="Files">What opens the other files that the image names.</param>
/// <param name="Parents">What opens its parent.</param>
internal sealed record OpenRequest(
    BlockDevice File, VirtualDiskOptions Options, FileResolver Files, ParentOpener Parents)
{
    /// <summary>The file's own name, for formats that keep it; null for a device without
    /// one.</summary>
    public string? FileName { get; init; }

    public bool CanWrite => Options.CanWrite;
}
