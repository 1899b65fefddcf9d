using System.Buffers.Binary;
using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Formats.Vhdx.Structures;
using static VMSeed.Disks.Formats.Vhdx.Log.LogFormat;
using static VMSeed.Disks.Formats.Vhdx.VhdxConstants;

namespace VMSeed.Disks.Formats.Vhdx.Log;

/// <summary>Replays a log in memory: the result is the file as its writer meant it, and whether it
/// is then also written is another matter.</summary>
internal static class LogReplay
{
    /// <summary>Lays what the log holds over the file.</summary>
    /// <param name="file">The file; nothing in it changes.</param>
    /// <param name="header">Its current header, which names a log.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    /// <exception cref="DiskFormatException">The log cannot be replayed.</exception>
    public static async ValueTask<ReplayedFile> RunAsync(
        BlockDevice file, VhdxHeader header, CancellationToken cancellationToken)
    {
        if (header.LogLength > GreatestReplayed)
        {
            throw DiskFormatException.Unsupported(
                $"The VHDX was not closed, and its log has {header.LogLength} bytes; at most "
                + $"{GreatestReplayed} are replayed.");
        }

        byte[] bytes = new byte[header.LogLength];
        await file.ReadAsync(header.LogOffset, bytes, cancellationToken).ConfigureAwait(false);
        var ring = new LogRing(bytes);
        IReadOnlyList<LogEntry> entries = LogSearch.Find(ring, header.LogId);
        var pages = new ReplayedPages();
        long length = file.Length;
        foreach (LogEntry entry in entries)
        {
            length = Math.Max(length, CheckLengths(entry, file.Length));
            Apply(ring.Copy(entry.Offset, entry.Length), entry.Count, pages);
        }

        return new ReplayedFile(file, pages, length);
    }

    /// <summary>Hands over every page of an entry.</summary>
    public static void Apply(ReadOnlySpan<byte> entry, int count, ReplayedPages pages)
    {
        int sector = HeadSectors(count);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> descriptor = entry.Slice(
                EntryHeaderLength + (i * DescriptorLength), DescriptorLength);
            ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(descriptor[FileOffsetOffset..]);
            if (BinaryPrimitives.ReadUInt32LittleEndian(descriptor) == ZeroSignature)
            {
                ulong length =
                    BinaryPrimitives.ReadUInt64LittleEndian(descriptor[ZeroLengthOffset..]);
                CheckRange(offset, length);
                pages.Zero((long)offset, (long)length);
            }
            else
            {
                CheckRange(offset, Sector);
                pages.Put((long)offset, Page(descriptor, entry.Slice(sector * Sector, Sector)));
                sector++;
            }
        }
    }

    private static byte[] Page(ReadOnlySpan<byte> descriptor, ReadOnlySpan<byte> data)
    {
        byte[] page = new byte[Sector];
        descriptor.Slice(LeadingOffset, BodyOffset).CopyTo(page);
        data.Slice(BodyOffset, BodyLength).CopyTo(page.AsSpan(BodyOffset));
        descriptor.Slice(TrailingOffset, sizeof(uint)).CopyTo(page.AsSpan(SequenceLowOffset));
        return page;
    }

    private static long CheckLengths(LogEntry entry, long fileLength)
    {
        if (entry.FlushedLength > (ulong)fileLength)
        {
            throw DiskFormatException.Corrupt(
                $"The VHDX has been cut off: its log knows {entry.FlushedLength} bytes, and the "
                + $"file has {fileLength}.");
        }

        return entry.LastLength <= (ulong)GreatestFileLength
            ? (long)entry.LastLength
            : throw DiskFormatException.Corrupt(
                $"The log of the VHDX wants a file of {entry.LastLength} bytes; "
                + $"{GreatestFileLength} is the most.");
    }

    private static void CheckRange(ulong offset, ulong length)
    {
        if (offset % Sector != 0 || length % Sector != 0
            || offset > (ulong)GreatestFileLength || length > (ulong)GreatestFileLength)
        {
            throw DiskFormatException.Corrupt(
                $"The log of the VHDX has {length} bytes for {offset}; both must be multiples of "
                + $"{Sector} up to {GreatestFileLength}.");
        }
    }
}
