using VMSeed.Disks.Access;
using VMSeed.Disks.Formats.Parallels.Bundles;

namespace VMSeed.Disks;

/// <summary>What can be done with the folder of a Parallels disk while nobody has it
/// open.</summary>
public static class ParallelsBundle
{
    /// <summary>Freezes what a bundle holds: whatever is written from now on goes into new images,
    /// and can be thrown away without the frozen ones.</summary>
    /// <param name="path">The bundle's folder.</param>
    /// <param name="newGuid">Makes the identifiers; null for <see cref="Guid.NewGuid"/>.</param>
    /// <param name="cancellationToken">Gives the work up; the bundle is then as it was, but for
    /// files that nothing names.</param>
    /// <returns>The identifier of the snapshot.</returns>
    /// <exception cref="Binary.DiskFormatException">The bundle cannot be used, and why.</exception>
    /// <exception cref="IOException">Somebody has the bundle open.</exception>
    public static ValueTask<Guid> CreateSnapshotAsync(
        string path,
        Func<Guid>? newGuid = null,
        CancellationToken cancellationToken = default)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        return BundleCreator.SnapshotAsync(
            new FolderFiles(full),
            Path.GetFileName(full),
            newGuid ?? Guid.NewGuid,
            cancellationToken);
    }
}
