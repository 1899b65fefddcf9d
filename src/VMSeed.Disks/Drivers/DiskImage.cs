using VMSeed.Blocks;
using VMSeed.Disks.Binary;

namespace VMSeed.Disks.Drivers;

/// <summary>An open image of one format: the disk in it, what it says of itself, and what only its
/// format knows to do.</summary>
internal abstract class DiskImage : IAsyncDisposable
{
    /// <summary>The disk. It holds the image's map, which holds its files.</summary>
    public abstract BlockDevice Disk { get; }

    public abstract DiskInfo Info { get; }

    /// <summary>What a child of this image remembers of it.</summary>
    public virtual DiskIdentity Identity => DiskIdentity.None;

    /// <summary>Holds every structure of the image against every other.</summary>
    /// <param name="repair">Whether to mend what can be mended without a loss; the image must be
    /// open for writing.</param>
    /// <param name="progress">Hears the share that is done, 0 to 1.</param>
    /// <param name="cancellationToken">Gives the check up.</param>
    /// <returns>What was found.</returns>
    public virtual ValueTask<CheckReport> CheckAsync(
        bool repair, IProgress<double>? progress, CancellationToken cancellationToken) =>
        throw DiskFormatException.Unsupported($"{Info.Format} images have nothing to check.");

    /// <summary>Notes another parent, and changes nothing else.</summary>
    /// <param name="name">How the image is to name it; null for none.</param>
    /// <param name="format">Its format, for formats that note it; null where it is not
    /// known.</param>
    /// <param name="identity">What the image is to remember of it.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    /// <returns>A task that is done when the change is durable.</returns>
    public virtual ValueTask SetParentAsync(
        string? name,
        DiskFormat? format,
        DiskIdentity identity,
        CancellationToken cancellationToken) =>
        throw DiskFormatException.Unsupported(
            $"The parent of {Info.Format} images is not renamed in place; make a new image.");

    /// <summary>Closes the disk: commits, marks the image as closed, closes files.</summary>
    public virtual ValueTask DisposeAsync() => Disk.DisposeAsync();
}
