using System.Buffers.Binary;
using VMSeed.Blocks;
using VMSeed.Disks.Formats.Vhdx.Structures;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vhdx.Log.LogFormat;

namespace VMSeed.Disks.Formats.Vhdx.Log;

// One flush a commit
// ------------------
// An entry is written and flushed; with it, so are the blocks that its pages point at. Then its
// pages are written in place, and that is not flushed: the entry stays live until the flush of the
// entry after it has made them durable too. So the tail of entry n is entry n-1, and the log always
// holds
//
//     ... free ... | n-1: in place, perhaps not durable | n: being written | ... free ...
//
// When n is torn, n-1 is the head, and its own tail, n-2, must not be written over yet. Three
// entries have to fit; each gets a third of the log, less what keeps the ends apart.

/// <summary>Writes entries of the log, and their pages in place.</summary>
/// <remarks>Called under the disk's gate.</remarks>
internal sealed class LogWriter
{
    private readonly BlockDevice _file;
    private readonly long _offset;
    private readonly int _length;
    private readonly Guid _id;
    private readonly Queue<int> _live = new();
    private int _head;
    private int _lastTail;
    private ulong _sequence;
    private long _flushedLength;
    private (byte[] Entry, int Count)? _unapplied;

    /// <summary>Begins with a log in which no entry has this name.</summary>
    /// <param name="file">The file.</param>
    /// <param name="header">Where its log lies, and how it is called; no longer than what is
    /// replayed.</param>
    public LogWriter(BlockDevice file, VhdxHeader header)
    {
        _file = file;
        _offset = header.LogOffset;
        _length = checked((int)header.LogLength);
        _id = header.LogId;
        int sectors = (_length / Sector / 3) - 1;
        MaxPages = sectors - HeadSectors(sectors);
    }

    /// <summary>The most pages of one entry.</summary>
    public int MaxPages { get; }

    /// <summary>Writes an entry without pages, durably: a header that names the log may only be
    /// there when the log has an entry.</summary>
    /// <param name="fileLength">How long the file is.</param>
    public async ValueTask BeginAsync(long fileLength)
    {
        await _file.FlushAsync().ConfigureAwait(false);
        _flushedLength = fileLength;
        await LogAsync(ReadOnlyMemory<TablePage>.Empty, fileLength).ConfigureAwait(false);
    }

    /// <summary>Makes what has been written durable, blocks and pages.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        int applied = _live.Count - (_unapplied is null ? 0 : 1);
        await _file.FlushAsync(cancellationToken).ConfigureAwait(false);
        for (; applied > 0; applied--)
        {
            _live.Dequeue();
        }
    }

    /// <summary>Logs pages, durably, and writes them in place.</summary>
    /// <param name="pages">At most <see cref="MaxPages"/>.</param>
    /// <param name="fileLength">How long the file must be for what the pages point at.</param>
    public async ValueTask WriteAsync(ReadOnlyMemory<TablePage> pages, long fileLength)
    {
        await ApplyAsync().ConfigureAwait(false);
        await LogAsync(pages, fileLength).ConfigureAwait(false);
        await ApplyAsync().ConfigureAwait(false);
    }

    // What fails here leaves the log as it was: the next try writes over it.
    private async ValueTask LogAsync(ReadOnlyMemory<TablePage> pages, long fileLength)
    {
        int tail = _live.TryPeek(out int oldest) ? oldest : _head;
        byte[] entry = Build(pages.Span, tail, fileLength);
        int used = (_head - _lastTail + _length) % _length;
        if (used + entry.Length + Sector > _length)
        {
            throw new InvalidOperationException(
                $"An entry of {entry.Length} bytes does not fit a log with {used} of {_length} in "
                + "use.");
        }

        int first = Math.Min(entry.Length, _length - _head);
        await _file.WriteAsync(_offset + _head, entry.AsMemory(0, first)).ConfigureAwait(false);
        if (first < entry.Length)
        {
            await _file.WriteAsync(_offset, entry.AsMemory(first)).ConfigureAwait(false);
        }

        await FlushAsync(CancellationToken.None).ConfigureAwait(false);
        _live.Enqueue(_head);
        _lastTail = tail;
        _head = (_head + entry.Length) % _length;
        _sequence++;
        _flushedLength = fileLength;
        _unapplied = (entry, pages.Length);
    }

    private async ValueTask ApplyAsync()
    {
        if (_unapplied is not var (entry, count))
        {
            return;
        }

        var pages = new ReplayedPages();
        LogReplay.Apply(entry, count, pages);
        await pages.WriteAsync(_file, CancellationToken.None).ConfigureAwait(false);
        _unapplied = null;
    }

    private byte[] Build(ReadOnlySpan<TablePage> pages, int tail, long fileLength)
    {
        int sector = HeadSectors(pages.Length);
        byte[] entry = new byte[(sector + pages.Length) * Sector];
        ulong sequence = _sequence + 1;
        BinaryPrimitives.WriteUInt32LittleEndian(entry, EntrySignature);
        BinaryPrimitives.WriteInt32LittleEndian(entry.AsSpan(LengthOffset), entry.Length);
        BinaryPrimitives.WriteInt32LittleEndian(entry.AsSpan(TailOffset), tail);
        BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(SequenceOffset), sequence);
        BinaryPrimitives.WriteInt32LittleEndian(entry.AsSpan(CountOffset), pages.Length);
        _id.TryWriteBytes(entry.AsSpan(LogIdOffset));
        BinaryPrimitives.WriteInt64LittleEndian(
            entry.AsSpan(FlushedLengthOffset), _flushedLength);
        BinaryPrimitives.WriteInt64LittleEndian(entry.AsSpan(LastLengthOffset), fileLength);
        int descriptor = EntryHeaderLength;
        foreach (TablePage page in pages)
        {
            Put(
                page,
                entry.AsSpan(descriptor, DescriptorLength),
                entry.AsSpan(sector * Sector, Sector),
                sequence);
            descriptor += DescriptorLength;
            sector++;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(
            entry.AsSpan(VhdxChecksum.Offset), VhdxChecksum.Of(entry));
        return entry;
    }

    private static void Put(
        TablePage page, Span<byte> descriptor, Span<byte> data, ulong sequence)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(descriptor, DataDescriptorSignature);
        page.Bytes.AsSpan(SequenceLowOffset).CopyTo(descriptor[TrailingOffset..]);
        page.Bytes.AsSpan(0, BodyOffset).CopyTo(descriptor[LeadingOffset..]);
        BinaryPrimitives.WriteInt64LittleEndian(descriptor[FileOffsetOffset..], page.Offset);
        BinaryPrimitives.WriteUInt64LittleEndian(
            descriptor[DescriptorSequenceOffset..], sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(data, DataSignature);
        BinaryPrimitives.WriteUInt32LittleEndian(
            data[SequenceHighOffset..], (uint)(sequence >> 32));
        page.Bytes.AsSpan(BodyOffset, BodyLength).CopyTo(data[BodyOffset..]);
        BinaryPrimitives.WriteUInt32LittleEndian(data[SequenceLowOffset..], (uint)sequence);
    }
}
