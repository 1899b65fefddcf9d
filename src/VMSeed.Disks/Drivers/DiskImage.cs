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

    /// <summary>Closes the disk: commits, marks the image as closed, closes files.</summary>
    public virtual ValueTask DisposeAsync() => Disk.DisposeAsync();
}
