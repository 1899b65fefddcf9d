namespace VMSeed.ImageBuilder.Boot.FileSystems;

/// <summary>A file system, or what lies in its place, by the name that mount and blkid
/// have.</summary>
internal static class FileSystem
{
    public const string Ext4 = "ext4";
    public const string Xfs = "xfs";
    public const string Btrfs = "btrfs";
    public const string Erofs = "erofs";
    public const string Squashfs = "squashfs";
    public const string Iso = "iso9660";
    public const string Lvm = "LVM2_member";
    public const string Luks = "crypto_LUKS";

    /// <summary>Those that a root lies on, as it is.</summary>
    public static readonly string[] Roots = [Ext4, Xfs, Btrfs, Erofs, Squashfs];
}
