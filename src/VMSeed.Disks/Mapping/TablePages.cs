using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;
using VMSeed.Disks.Mapping.Tables;

namespace VMSeed.Disks.Mapping;

// Every format keeps its tables (BAT, grain tables, L2 tables, bitmaps) in the file, and some are
// too large to hold: 512 MiB for the largest VHDX. So tables are pages of their file, loaded when
// they are touched, and the least used of the clean ones are forgotten. A look-up is one probe of a
// hash table (PageSet).
//
// Changes stay here until a commit writes them, a rank at a time (WritableMap). Changes and commits
// are made under the disk's gate; look-ups under none.

/// <summary>The tables of one file, a page at a time.</summary>
internal sealed class TablePages
{
    /// <summary>Pages that wait for a commit before one is asked for: 16 MiB. Tables for 4 GiB of
    /// new 64 KiB clusters are 512 KiB, so that only random writers over huge disks come
    /// here.</summary>
    private const int MaxDirtyPages = 4096;

    private const int Ranks = 4;

    /// <summary>How far one question about holes goes: 256 pages, each of which is looked for in
    /// memory first. It is 16 GiB of a VMDK; a smaller bound would cost more questions, a larger
    /// one more looks where holes are short.</summary>
    private const long MaxHole = 256 * TablePage.Size;

    private readonly BlockDevice _file;
    private readonly int _capacity;
    private readonly Lock _gate = new();
    private readonly PageSet _pages = new();
    private readonly Dictionary<long, Task<TablePage>> _loads = [];
    private readonly Queue<TablePage> _clock = new();
    private readonly SortedDictionary<long, TablePage> _dirty = [];

    /// <summary>Begins with nothing in memory.</summary>
    /// <param name="file">Where the tables lie.</param>
    /// <param name="cacheBytes">What clean pages may occupy.</param>
    public TablePages(BlockDevice file, long cacheBytes)
    {
        _file = file;
        _capacity = (int)Math.Clamp(cacheBytes / TablePage.Size, 16, int.MaxValue / 2);
    }

    /// <summary>Pages in memory.</summary>
    public int Count => _pages.Count;

    public bool IsDirty => _dirty.Count > 0;

    public bool IsFull => _dirty.Count > MaxDirtyPages;

    /// <summary>The page that holds a byte of the file, if it is in memory.</summary>
    /// <param name="offset">The byte.</param>
    /// <param name="page">The page.</param>
    /// <param name="miss">Where it is not: how to have it loaded.</param>
    public bool TryGet(
        long offset, [NotNullWhen(true)] out TablePage? page, out PageMiss miss)
    {
        if (!_pages.TryGet(offset / TablePage.Size, out page))
        {
            miss = new PageMiss(this, offset);
            return false;
        }

        if (!page.IsUsed)
        {
            page.IsUsed = true;
        }

        miss = default;
        return true;
    }

    /// <summary>The page that holds a byte of the file; past the file's end it holds
    /// zeros.</summary>
    public ValueTask<TablePage> GetAsync(long offset, CancellationToken cancellationToken) =>
        TryGet(offset, out TablePage? page, out _)
            ? new(page)
            : new(Load(offset / TablePage.Size).WaitAsync(cancellationToken));

    /// <summary>How many bytes of the tables are zeros for certain, without any of them being
    /// loaded: none of their pages is in memory, and the file has a hole there.</summary>
    /// <param name="offset">Where to begin, in the file.</param>
    /// <param name="length">How far anybody wants to know.</param>
    /// <param name="cancellationToken">Gives the look-up up.</param>
    /// <returns>From 0, where that is not known, to <paramref name="length"/>.</returns>
    public async ValueTask<long> HoleAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        // Memory first: what is changed and committed in between is no hole any more.
        long end = offset + Math.Min(Math.Min(length, MaxHole), _file.Length - offset);
        long number = offset / TablePage.Size;
        while (number * TablePage.Size < end && !_pages.TryGet(number, out _))
        {
            number++;
        }

        long count = Math.Min(end, number * TablePage.Size) - offset;
        if (count <= 0)
        {
            return 0;
        }

        Extent extent = await _file.MapAsync(offset, count, cancellationToken)
            .ConfigureAwait(false);
        return extent.Kind == ExtentKind.Zero ? extent.Length : 0;
    }

    /// <summary>Stores bytes that lie within one sector or more of the file's tables.</summary>
    /// <param name="offset">Where, in the file.</param>
    /// <param name="bytes">What.</param>
    /// <param name="rank">When the commit writes it: 0 first, 3 last, a flush between.</param>
    /// <param name="cancellationToken">Gives the loading up; nothing is then changed.</param>
    public async ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> bytes, int rank, CancellationToken cancellationToken)
    {
        while (bytes.Length > 0)
        {
            int at = (int)(offset % TablePage.Size);
            int count = Math.Min(bytes.Length, TablePage.Size - at);
            TablePage page = await PinAsync(offset, at, count, rank, cancellationToken)
                .ConfigureAwait(false);
            Store(bytes.Span[..count], page.Bytes.AsSpan(at));
            bytes = bytes[count..];
            offset += count;
        }
    }

    /// <summary>Writes what has changed, rank by rank, with a flush of the file before each; what
    /// was written last is not flushed.</summary>
    public async ValueTask WriteBackAsync(CancellationToken cancellationToken)
    {
        for (int rank = 0; rank < Ranks && IsDirty; rank++)
        {
            await WriteRankAsync(rank, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Writes what has changed in one rank, after a flush of the file; does nothing when
    /// nothing has.</summary>
    /// <param name="rank">The rank.</param>
    /// <param name="cancellationToken">Gives the work up between two writes.</param>
    /// <param name="flushFirst">False where nothing that came before has to be durable
    /// first.</param>
    public async ValueTask WriteRankAsync(
        int rank, CancellationToken cancellationToken, bool flushFirst = true)
    {
        bool flushed = !flushFirst;
        foreach (TablePage page in _dirty.Values.ToArray())
        {
            int sector = 0;
            for (int count; (count = page.NextDirty(rank, ref sector)) > 0; sector += count)
            {
                if (!flushed)
                {
                    await _file.FlushAsync(cancellationToken).ConfigureAwait(false);
                    flushed = true;
                }

                await WriteSectorsAsync(page, sector, count, cancellationToken)
                    .ConfigureAwait(false);
                page.Clean(sector, count);
            }

            Release(page);
        }
    }

    /// <summary>The pages that have changed, those of earlier ranks first, for a format that writes
    /// them itself, through a log.</summary>
    public TablePage[] ChangedPages() =>
        [.. _dirty.Values.OrderBy(page => page.Rank).ThenBy(page => page.Offset)];

    /// <summary>A page is in the file whole, as it is now.</summary>
    public void MarkWritten(TablePage page)
    {
        page.Clean();
        Release(page);
    }

    /// <summary>Forgets a range that is no longer a table, changed or not.</summary>
    public void Forget(long offset, long length)
    {
        lock (_gate)
        {
            for (long page = offset / TablePage.Size;
                page * TablePage.Size < offset + length;
                page++)
            {
                if (_pages.Remove(page))
                {
                    _dirty.Remove(page);
                }
            }
        }
    }

    // Entries are stored whole: a reader on another core sees one old or new, never half.
    private static void Store(ReadOnlySpan<byte> source, Span<byte> target)
    {
        switch (source.Length)
        {
            case sizeof(uint):
                MemoryMarshal.Write(
                    target, MemoryMarshal.Read<uint>(source));
                break;
            case sizeof(ulong):
                MemoryMarshal.Write(
                    target, MemoryMarshal.Read<ulong>(source));
                break;
            default:
                source.CopyTo(target);
                break;
        }
    }

    private async ValueTask<TablePage> PinAsync(
        long offset, int at, int count, int rank, CancellationToken cancellationToken)
    {
        while (true)
        {
            TablePage page = await GetAsync(offset, cancellationToken).ConfigureAwait(false);
            lock (_gate)
            {
                // It may have been forgotten since, and another may stand in its place.
                if (_pages.TryGet(page.Number, out TablePage? current) && current == page)
                {
                    page.Touch(at, count, rank);
                    _dirty[page.Number] = page;
                    return page;
                }
            }
        }
    }

    private void Release(TablePage page)
    {
        lock (_gate)
        {
            if (page.DirtySectors == 0)
            {
                _dirty.Remove(page.Number);
            }
        }
    }

    private async ValueTask WriteSectorsAsync(
        TablePage page, int sector, int count, CancellationToken cancellationToken)
    {
        int at = sector * TablePage.SectorSize;
        int length = count * TablePage.SectorSize;
        long offset = page.Offset + at;
        if (_file.Length < offset + length)
        {
            await _file.SetLengthAsync(offset + length, cancellationToken).ConfigureAwait(false);
        }

        await _file.WriteAsync(offset, page.Bytes.AsMemory(at, length), cancellationToken)
            .ConfigureAwait(false);
    }

    private Task<TablePage> Load(long number)
    {
        lock (_gate)
        {
            if (_pages.TryGet(number, out TablePage? page))
            {
                return Task.FromResult(page);
            }

            if (!_loads.TryGetValue(number, out Task<TablePage>? load))
            {
                load = LoadAsync(number);
                if (!load.IsCompleted)
                {
                    _loads.Add(number, load);
                }
            }

            return load;
        }
    }

    // Belongs to nobody's token: whoever else waits for the page must not lose it.
    private async Task<TablePage> LoadAsync(long number)
    {
        var page = new TablePage(number * TablePage.Size);
        try
        {
            long length = Math.Min(TablePage.Size, _file.Length - page.Offset);
            if (length > 0)
            {
                await _file.ReadAsync(page.Offset, page.Bytes.AsMemory(0, (int)length))
                    .ConfigureAwait(false);
            }

            lock (_gate)
            {
                _loads.Remove(number);
                Keep(page);
            }

            return page;
        }
        catch
        {
            lock (_gate)
            {
                _loads.Remove(number);
            }

            throw;
        }
    }

    // A second chance for what was used since the hand came by; what is changed is never let go.
    private void Keep(TablePage page)
    {
        _pages.Set(page);
        _clock.Enqueue(page);
        for (int looks = 2 * _clock.Count; _clock.Count > _capacity && looks > 0; looks--)
        {
            TablePage oldest = _clock.Dequeue();
            if (!_pages.TryGet(oldest.Number, out TablePage? current) || current != oldest)
            {
                continue;
            }

            if (oldest.IsUsed || oldest.DirtySectors > 0)
            {
                oldest.IsUsed = false;
                _clock.Enqueue(oldest);
                continue;
            }

            _pages.Remove(oldest.Number);
        }
    }
}
