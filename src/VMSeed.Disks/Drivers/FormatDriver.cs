using VMSeed.Disks.Binary;

namespace VMSeed.Disks.Drivers;

/// <summary>A format: knows its images, opens them, makes them.</summary>
internal abstract class FormatDriver
{
    public abstract DiskFormat Format { get; }

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
}
