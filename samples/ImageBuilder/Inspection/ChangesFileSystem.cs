using System.Buffers.Binary;
using VMSeed.Blocks;

namespace VMSeed.ImageBuilder.Inspection;

/// <summary>What the superblock of an ext4 says of its use.</summary>
/// <param name="Length">Its size in bytes.</param>
/// <param name="UsedBytes">Bytes that files and folders occupy, as of when it was last unmounted or
/// flushed: without the journal and the tables, as df counts.</param>
/// <param name="IsClean">Whether it was unmounted.</param>
public sealed record ChangesFileSystem(long Length, long UsedBytes, bool IsClean)
{
    // Documentation/filesystems/ext4/super.rst of the Linux kernel.
    private const int Offset = 1024;
    private const int Size = 1024;
    private const ushort Magic = 0xEF53;
    private const int MaxBlockShift = 6;
    private const uint NeedsRecovery = 4;
    private const uint Has64Bits = 0x80;
    private const ushort CleanState = 1;

    /// <summary>Reads the superblock of a partition.</summary>
    /// <returns>Null where there is none.</returns>
    internal static async Task<ChangesFileSystem?> ReadAsync(
        BlockDevice partition, CancellationToken cancellationToken)
    {
        byte[] block = new byte[Size];
        await partition.ReadAsync(Offset, block, cancellationToken);
        uint shift = UInt32(block, 0x18);
        if (BinaryPrimitives.ReadUInt16LittleEndian(block.AsSpan(0x38)) != Magic
            || shift > MaxBlockShift)
        {
            return null;
        }

        bool isLarge = (UInt32(block, 0x60) & Has64Bits) != 0;
        ulong blocks = UInt32(block, 0x04)
            | (isLarge ? (ulong)UInt32(block, 0x150) << 32 : 0);
        ulong free = UInt32(block, 0x0C)
            | (isLarge ? (ulong)UInt32(block, 0x158) << 32 : 0);
        ulong overhead = UInt32(block, 0x248);
        ulong most = (ulong)partition.Length >> (int)(10 + shift);
        if (free > blocks || overhead > blocks - free || blocks > most)
        {
            return null;
        }

        return new ChangesFileSystem(
            (long)(blocks << (int)(10 + shift)),
            (long)((blocks - free - overhead) << (int)(10 + shift)),
            (BinaryPrimitives.ReadUInt16LittleEndian(block.AsSpan(0x3A)) & CleanState) != 0
                && (UInt32(block, 0x60) & NeedsRecovery) == 0);
    }

    private static uint UInt32(byte[] block, int offset) =>
        BinaryPrimitives.ReadUInt32LittleEndian(block.AsSpan(offset));
}
