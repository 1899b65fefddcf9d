namespace VMSeed.ImageBuilder.Boot.Roots;

/// <summary>The files of a guest's root file system, read without mounting it.</summary>
/// <remarks>Paths are relative to the root, parted by slashes, of plain names
/// (<see cref="Name"/>). Links are not followed: what a path leads to is on the guest's disk and
/// nowhere else.</remarks>
internal abstract class RootFiles
{
    /// <summary>The names in a folder; none where there is no such folder.</summary>
    public abstract Task<IReadOnlyList<string>> ListAsync(
        string folder, CancellationToken cancellationToken);

    /// <summary>Copies files out. One that is not there makes no copy.</summary>
    public abstract Task CopyAsync(
        IReadOnlyList<FileCopy> files, CancellationToken cancellationToken);
}
