namespace VMSeed.Guest.Booting.Roots;

/// <summary>How each file system is mounted so that nothing of it needs to be written, whatever
/// state it was published in.</summary>
internal static class RootOptions
{
    private const string Live = "iso9660/squashfs:";

    /// <summary>The options of a file system on a disk that cannot be written.</summary>
    /// <returns>The driver, and its options; null for none.</returns>
    public static (string Driver, string? Options) Of(string fileSystem) => fileSystem switch
    {
        // A journal that would be replayed first is passed over.
        "ext2" or "ext3" or "ext4" => ("ext4", "noload"),
        "xfs" => ("xfs", "norecovery,nouuid"),
        "btrfs" => ("btrfs", "rescue=nologreplay"),
        _ => (fileSystem, null),
    };

    /// <summary>The path of the squashfs in an ISO.</summary>
    /// <returns>Null for a file system that is the root itself.</returns>
    public static string? FindLivePath(string fileSystem) =>
        fileSystem.StartsWith(Live, StringComparison.Ordinal) ? fileSystem[Live.Length..] : null;
}
