using System.Buffers.Binary;
using VMSeed.Disks.Formats.Vhdx.Structures;
using static VMSeed.Disks.Formats.Vhdx.Log.LogFormat;

namespace VMSeed.Disks.Formats.Vhdx.Log;

/// <summary>The log's bytes, in which an entry goes on at the beginning when it comes to the
/// end.</summary>
internal sealed class LogRing(byte[] bytes)
{
    private long _searched;

    public int Length => bytes.Length;

    /// <summary>Bytes as one piece.</summary>
    public byte[] Copy(int offset, int length)
    {
        byte[] copy = new byte[length];
        int first = Math.Min(length, bytes.Length - offset);
        bytes.AsSpan(offset, first).CopyTo(copy);
        bytes.AsSpan(0, length - first).CopyTo(copy.AsSpan(first));
        return copy;
    }

    /// <summary>Whether a sector begins as an entry of this log does, whole or not.</summary>
    public bool IsClaimed(int offset, Guid id)
    {
        ReadOnlySpan<byte> head = bytes.AsSpan(offset, EntryHeaderLength);
        return BinaryPrimitives.ReadUInt32LittleEndian(head) == EntrySignature
            && new Guid(head.Slice(LogIdOffset, 16)) == id;
    }

    /// <summary>Reads the entry at a sector.</summary>
    /// <param name="offset">Where in the log.</param>
    /// <param name="id">The log's own.</param>
    /// <returns>Null when there is none, or not all of it, or of another log.</returns>
    public LogEntry? TryParse(int offset, Guid id)
    {
        if (!IsClaimed(offset, id))
        {
            return null;
        }

        ReadOnlySpan<byte> head = bytes.AsSpan(offset, EntryHeaderLength);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(head[LengthOffset..]);
        ulong sequence = BinaryPrimitives.ReadUInt64LittleEndian(head[SequenceOffset..]);
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(head[CountOffset..]);
        if (sequence == 0 || length % Sector != 0 || length > bytes.Length
            || (long)HeadSectors(count) * Sector > length)
        {
            return null;
        }

        _searched += length;
        return _searched <= (long)GreatestSearch * bytes.Length
            && IsWhole(Copy(offset, (int)length), (int)count, sequence)
                ? new LogEntry(
                    offset,
                    (int)length,
                    sequence,
                    BinaryPrimitives.ReadUInt32LittleEndian(head[TailOffset..]),
                    (int)count,
                    BinaryPrimitives.ReadUInt64LittleEndian(head[FlushedLengthOffset..]),
                    BinaryPrimitives.ReadUInt64LittleEndian(head[LastLengthOffset..]))
                : null;
    }

    private static bool IsWhole(ReadOnlySpan<byte> entry, int count, ulong sequence)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(entry[VhdxChecksum.Offset..])
            != VhdxChecksum.Of(entry))
        {
            return false;
        }

        int sector = HeadSectors(count);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> descriptor = entry.Slice(
                EntryHeaderLength + (i * DescriptorLength), DescriptorLength);
            uint signature = BinaryPrimitives.ReadUInt32LittleEndian(descriptor);
            bool isData = signature == DataDescriptorSignature;
            if ((!isData && signature != ZeroSignature)
                || BinaryPrimitives.ReadUInt64LittleEndian(descriptor[DescriptorSequenceOffset..])
                    != sequence
                || (isData && !IsDataWhole(entry, sector++, sequence)))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsDataWhole(ReadOnlySpan<byte> entry, int sector, ulong sequence)
    {
        if ((long)(sector + 1) * Sector > entry.Length)
        {
            return false;
        }

        ReadOnlySpan<byte> data = entry.Slice(sector * Sector, Sector);
        return BinaryPrimitives.ReadUInt32LittleEndian(data) == DataSignature
            && BinaryPrimitives.ReadUInt32LittleEndian(data[SequenceHighOffset..])
                == (uint)(sequence >> 32)
            && BinaryPrimitives.ReadUInt32LittleEndian(data[SequenceLowOffset..])
                == (uint)sequence;
    }
}
