using System.Buffers.Binary;
using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Parallels.ParallelsConstants;

namespace VMSeed.Disks.Formats.Parallels;

// An entry is a cluster's place in the file, 0 when there is none: zeros, or the lower image of the
// chain. There is no count to keep beside the table, so that a commit has one rank: the data, a
// flush, the entries, a flush. A cluster of zeros gives its place back where nothing lies below;
// what is free at the end of a session is cut off, or left as a hole.
//
// Bitmaps and other extensions say what changed since a backup. Whoever writes and does not know
// them has to drop them first (parallels.txt, "Format Extension"), which is part of marking the
// image as in use.

/// <summary>The table of one expandable image.</summary>
internal sealed class ParallelsMap : WritableMap
{
    private const int EntryRank = 0;

    private readonly BlockDevice _file;
    private readonly TablePages _tables;
    private readonly bool _hasParent;
    private readonly bool _leaveOpen;
    private readonly SpaceRecycler _space = new();
    private ParallelsHeader _header;
    private FileTail? _tail;
    private bool _hasReleased;

    public ParallelsMap(
        BlockDevice file,
        ParallelsHeader header,
        TablePages tables,
        bool hasParent,
        bool leaveOpen) =>
        (_file, _header, _tables, _hasParent, _leaveOpen) =
            (file, header, tables, hasParent, leaveOpen);

    public override long Length => _header.DiskSize;

    public override int BlockSize => _header.ClusterSize;

    public override bool IsDirty => _tables.IsDirty;

    public override bool IsFull => _tables.IsFull;

    public ParallelsHeader Header => _header;

    public TransferEpochs Epochs => _space.Epochs;

    /// <summary>What the table says; before any change, and for checks.</summary>
    public ValueTask<ParallelsSurvey> SurveyAsync(CancellationToken cancellationToken) =>
        ParallelsSurvey.RunAsync(_header, _tables, _file.Length, cancellationToken);

    public override bool TryMap(long offset, long length, out Run run, out PageMiss miss)
    {
        (long block, long start) = Math.DivRem(offset, BlockSize);
        long at = EntryOffset(block);
        if (!_tables.TryGet(at, out TablePage? page, out miss))
        {
            run = default;
            return false;
        }

        run = Walk(page, (int)(at - page.Offset), (int)start, length);
        return true;
    }

    public override async ValueTask<Place> TakeAsync(
        long block, CancellationToken cancellationToken)
    {
        if (_space.TryTake(out long recycled))
        {
            return new Place(_file, recycled, IsNew: true, IsZero: false);
        }

        long phase = _header.DataOffset % BlockSize;
        long next = FileTail.Align(_tail!.End - phase, BlockSize) + phase;
        if (next / _header.EntryUnit > uint.MaxValue)
        {
            throw new DiskFormatException(
                DiskFault.Full,
                $"The next cluster of the Parallels image would lie at {next}; entries of version "
                + $"{_header.Generation} end at {(long)uint.MaxValue * _header.EntryUnit}.");
        }

        long offset = await _tail.TakeAsync(BlockSize, BlockSize, cancellationToken, phase)
            .ConfigureAwait(false);
        return new Place(_file, offset, IsNew: true, IsZero: true);
    }

    public override ValueTask AdoptAsync(
        long block, Place place, BlockRange range, CancellationToken cancellationToken) =>
        PutAsync(
            EntryOffset(block), (uint)(place.Offset / _header.EntryUnit), cancellationToken);

    public override void GiveBack(long block, Place place) => _space.GiveBack(place.Offset);

    public override async ValueTask<bool> ClearAsync(
        long block, CancellationToken cancellationToken)
    {
        if (_hasParent)
        {
            return false; // No entry says zeros: an absent cluster is the lower image's.
        }

        long at = EntryOffset(block);
        TablePage page = await _tables.GetAsync(at, cancellationToken).ConfigureAwait(false);
        uint entry = page.ReadUInt32LittleEndian((int)(at - page.Offset));
        if (entry != 0)
        {
            await PutAsync(at, 0, cancellationToken).ConfigureAwait(false);
            _space.Release((long)entry * _header.EntryUnit);
            _hasReleased = true;
        }

        return true;
    }

    public override async ValueTask CommitAsync(CancellationToken cancellationToken)
    {
        await _tail!.TrimAsync(cancellationToken).ConfigureAwait(false);
        await _tables.WriteBackAsync(cancellationToken).ConfigureAwait(false);
        await _file.FlushAsync(cancellationToken).ConfigureAwait(false);
        _space.Committed();
    }

    public override ValueTask FlushStoresAsync(CancellationToken cancellationToken) =>
        _file.FlushAsync(cancellationToken);

    public override async ValueTask BeginAsync(CancellationToken cancellationToken)
    {
        ParallelsSurvey survey = await SurveyAsync(cancellationToken).ConfigureAwait(false);
        if (!survey.IsSound)
        {
            throw DiskFormatException.Corrupt(
                $"The Parallels image has {survey.Outside} clusters outside of its file and "
                + $"{survey.Shared.Count} that overlap; a check with repair mends them, and before "
                + "that nothing is written.");
        }

        await BeginAsync(survey, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Begins a session over what a survey has found, sound or not.</summary>
    public async ValueTask BeginAsync(ParallelsSurvey survey, CancellationToken cancellationToken)
    {
        await MarkAsync(InUse, cancellationToken).ConfigureAwait(false);
        if (_tail is not null)
        {
            return; // Again, after a check that mended.
        }

        _tail = new FileTail(_file, survey.End);
        foreach (long offset in survey.Free)
        {
            _space.GiveBack(offset);
        }

        // A last cluster that the file's end cuts short reads on as zeros, and is about to have
        // bytes of its own.
        if (_file.Length < survey.End)
        {
            await _file.SetLengthAsync(survey.End, cancellationToken).ConfigureAwait(false);
        }
    }

    public override async ValueTask EndAsync()
    {
        if (_hasReleased)
        {
            await GiveFreeSpaceBackAsync().ConfigureAwait(false);
        }

        await MarkAsync(Closed, CancellationToken.None).ConfigureAwait(false);
    }

    public override async ValueTask ResizeAsync(
        long length, CancellationToken cancellationToken)
    {
        ParallelsHeader grown = ParallelsLayout.Grow(_header, length);
        if (grown.DiskSize == _header.DiskSize)
        {
            return;
        }

        ParallelsSurvey survey = await SurveyAsync(cancellationToken).ConfigureAwait(false);
        ParallelsLayout.RequireRoom(grown, Math.Min(survey.First, _header.DataOffset));
        await ClearPastEndAsync(cancellationToken).ConfigureAwait(false);
        byte[] zeros = new byte[grown.TableEnd - _header.TableEnd];
        await _tables.WriteAsync(_header.TableEnd, zeros, EntryRank, cancellationToken)
            .ConfigureAwait(false);
        await CommitAsync(cancellationToken).ConfigureAwait(false);
        await PutHeaderAsync(grown, cancellationToken).ConfigureAwait(false);
        _header = grown;
    }

    /// <summary>Takes a cluster off the disk, for a check that mends: it lies nowhere.</summary>
    public ValueTask DropAsync(long block, CancellationToken cancellationToken) =>
        PutAsync(EntryOffset(block), 0, cancellationToken);

    /// <summary>Gives a block a copy of its cluster, for a check that mends: another block has it
    /// too.</summary>
    public async ValueTask CopyAsync(
        long block, long from, CancellationToken cancellationToken)
    {
        Place place = await TakeAsync(block, cancellationToken).ConfigureAwait(false);
        byte[] bytes = new byte[BlockSize];
        int there = (int)Math.Min(BlockSize, _file.Length - from);
        await _file.ReadAsync(from, bytes.AsMemory(0, there), cancellationToken)
            .ConfigureAwait(false);
        await _file.WriteAsync(place.Offset, bytes, cancellationToken).ConfigureAwait(false);
        await AdoptAsync(block, place, new BlockRange(0, BlockSize), cancellationToken)
            .ConfigureAwait(false);
    }

    public async ValueTask<uint> EntryAsync(long block, CancellationToken cancellationToken)
    {
        long at = EntryOffset(block);
        TablePage page = await _tables.GetAsync(at, cancellationToken).ConfigureAwait(false);
        return page.ReadUInt32LittleEndian((int)(at - page.Offset));
    }

    public override ValueTask DisposeAsync() => _leaveOpen ? default : _file.DisposeAsync();

    private static long EntryOffset(long block) => HeaderLength + (block * sizeof(uint));

    // As far as neighbours lie side by side, or lie nowhere together, within a page of the table.
    private Run Walk(TablePage page, int at, int start, long length)
    {
        uint first = page.ReadUInt32LittleEndian(at);
        uint step = first == 0 ? 0 : (uint)(BlockSize / _header.EntryUnit);
        long reach = BlockSize - start;
        for (uint next = first + step; reach < length; reach += BlockSize, next += step)
        {
            at += sizeof(uint);
            if (at >= TablePage.Size || page.ReadUInt32LittleEndian(at) != next)
            {
                break;
            }
        }

        return first == 0
            ? Run.Parent(Math.Min(reach, length))
            : ToRun(first, start, Math.Min(reach, length));
    }

    private Run ToRun(uint entry, int start, long length)
    {
        long fileLength = _file.Length;
        if (!ParallelsSurvey.IsInside(_header, entry, fileLength))
        {
            throw DiskFormatException.Corrupt(
                $"The Parallels image has a cluster at {(long)entry * _header.EntryUnit}; its "
                + $"clusters lie from {_header.TableEnd} to {fileLength}.");
        }

        long offset = ((long)entry * _header.EntryUnit) + start;
        return offset < fileLength
            ? Run.Data(_file, offset, Math.Min(length, fileLength - offset))
            : Run.Zero(Math.Min(length, BlockSize - start));
    }

    private async ValueTask PutAsync(long at, uint value, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        await _tables.WriteAsync(at, bytes, EntryRank, cancellationToken).ConfigureAwait(false);
    }

    private ValueTask MarkAsync(uint mark, CancellationToken cancellationToken)
    {
        _header = _header with
        {
            InUseMark = mark,
            Extension = 0,
            Flags = _header.Flags & ~EmptyFlag,
        };
        return PutHeaderAsync(_header, cancellationToken);
    }

    // Nothing else is changed at this moment, so that the sector is written alone.
    private async ValueTask PutHeaderAsync(
        ParallelsHeader header, CancellationToken cancellationToken)
    {
        await _tables.WriteAsync(0, header.ToBytes(), EntryRank, cancellationToken)
            .ConfigureAwait(false);
        await _tables.WriteBackAsync(cancellationToken).ConfigureAwait(false);
        await _file.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask GiveFreeSpaceBackAsync()
    {
        ParallelsSurvey survey = await SurveyAsync(CancellationToken.None).ConfigureAwait(false);
        foreach (long offset in survey.Free)
        {
            await _file.TrimAsync(offset, BlockSize).ConfigureAwait(false);
        }

        await _file.SetLengthAsync(survey.End).ConfigureAwait(false);
    }

    // What lies in the last cluster past the disk's end was never the guest's: it becomes zeros
    // before the disk grows over it.
    private async ValueTask ClearPastEndAsync(CancellationToken cancellationToken)
    {
        long end = _header.DiskSize;
        int tail = (int)(end % BlockSize);
        uint entry = tail == 0
            ? 0
            : await EntryAsync(end / BlockSize, cancellationToken).ConfigureAwait(false);
        if (entry != 0)
        {
            await _file.ZeroAsync(
                ((long)entry * _header.EntryUnit) + tail, BlockSize - tail, cancellationToken)
                .ConfigureAwait(false);
        }
    }
}
