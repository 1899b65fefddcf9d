namespace VMSeed.Blocks.Caching.Changes;

/// <summary>What the file system below a cache has left.</summary>
/// <param name="folder">The cache's folder; null for a device that is the cache's own.</param>
/// <param name="floor">What is to be left, in bytes.</param>
internal sealed class FreeSpace(string? folder, long floor)
{
    private readonly DriveInfo? _drive =
        folder is null || floor == 0 ? null : new DriveInfo(folder);

    /// <summary>Whether the cache's file may grow.</summary>
    /// <returns>False when the floor is reached, or nobody can say.</returns>
    public bool MayGrow()
    {
        try
        {
            return _drive is null || _drive.AvailableFreeSpace > floor;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false; // The disk has gone, and the write that follows will say so.
        }
    }
}
