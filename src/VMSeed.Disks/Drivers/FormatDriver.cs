using VMSeed.Disks.Binary;

namespace VMSeed.Disks.Drivers;

/// <summary>A format: knows its images, opens them, makes them.</summary>
internal abstract class FormatDriver
{
    public abstract DiskFormat Format { get; }

    /// <summary>The file that stands for an image that is a folder; null where none
    /// is.</summary>
    public virtual string? FolderFile => null;

    /// <summary>Whether <see cref="VirtualDiskOptions.Snapshot"/> can be met.</summary>
    public virtual bool HasSnapshots => false;

    /// <summary>Whether what is to be made is a folder.</summary>
    public virtual bool IsFolder(VirtualDiskCreateOptions options) => false;

    /// <summary>Whether a file begins, or ends, as this format's do.</summary>
    public abstract bool Recognizes(ProbeWindow window);

    /// <summary>Opens an image. On success its file is the image's; on failure it stays the
    /// caller's.</summary>
    /// <exception cref="DiskFormatException">The image cannot be used, and why.</exception>
    public abstract ValueTask<DiskImage> OpenAsync(
        OpenRequest request, CancellationToken cancellationToken);

    /// <summary>Writes a new image that reads as zeros, or as its parent, and makes it
    /// durable.</summary>
    /// <exception cref="DiskFormatException">The format cannot be what the options ask
    /// for.</exception>
    public virtual ValueTask CreateAsync(
        CreateRequest request, CancellationToken cancellationToken) =>
        throw DiskFormatException.Unsupported($"{Format} images are read only.");

    /// <summary>Whether such an image is written once, from its beginning to its end, by
    /// <see cref="CreateWriter"/>, and never in place: compressed shapes are.</summary>
    public virtual bool IsWrittenForwards(VirtualDiskCreateOptions options) => false;

    /// <summary>Begins an image that is written forwards only: to a pipe, to a web
    /// server.</summary>
    /// <param name="target">Where to; need not seek, and stays the caller's. A format whose header
    /// is known last refuses one that cannot.</param>
    /// <param name="options">What kind of image; without a parent.</param>
    /// <exception cref="DiskFormatException">The format has no such image.</exception>
    public virtual ForwardWriter CreateWriter(Stream target, VirtualDiskCreateOptions options) =>
        throw DiskFormatException.Unsupported(
            $"{Format} images cannot be written forwards only; give them a file.");
}
