using VMSeed.Blocks;
using VMSeed.ImageBuilder.Boot.Tables;

namespace VMSeed.ImageBuilder.Boot.FileSystems;

/// <summary>Tells file systems by the marks in their first blocks.</summary>
internal static class FileSystemProbe
{
    // The farthest mark is that of btrfs, 64 bytes into the block at 64 KiB.
    private const int ProbeLength = 68 * 1024;

    // In the order of their strength: what lies at the begin was written last. The mark of ext2 and
    // ext3 is the same, and the ext4 driver mounts them.
    private static readonly (string Type, int Offset, byte[] Mark)[] _marks =
    [
        (FileSystem.Luks, 0, [.. "LUKS"u8, 0xBA, 0xBE]),
        (FileSystem.Xfs, 0, "XFSB"u8.ToArray()),
        (FileSystem.Squashfs, 0, "hsqs"u8.ToArray()),
        .. Enumerable.Range(0, 4).Select(
            sector => (FileSystem.Lvm, (sector * 512) + 24, "LVM2 001"u8.ToArray())),
        (FileSystem.Erofs, 1024, [0xE2, 0xE1, 0xF5, 0xE0]),
        (FileSystem.Ext4, 1024 + 56, [0x53, 0xEF]),
        (FileSystem.Btrfs, (64 * 1024) + 64, "_BHRfS_M"u8.ToArray()),
        (FileSystem.Iso, (16 * 2048) + 1, "CD001"u8.ToArray()),
    ];

    /// <summary>What lies in a partition.</summary>
    /// <returns>A name of <see cref="FileSystem"/>; null where it is something else.</returns>
    public static async ValueTask<string?> FindAsync(
        BlockDevice disk, DiskPartition partition, CancellationToken cancellationToken)
    {
        byte[] head = new byte[Math.Min(partition.Length, ProbeLength)];
        await disk.ReadAsync(partition.Offset, head, cancellationToken);
        return _marks.Where(mark => IsAt(head, mark.Offset, mark.Mark))
            .Select(mark => mark.Type)
            .FirstOrDefault();
    }

    private static bool IsAt(ReadOnlySpan<byte> head, int offset, ReadOnlySpan<byte> mark) =>
        offset < head.Length && head[offset..].StartsWith(mark);
}
