using System.Buffers;

namespace VMSeed.Blocks.Overlay.Format;

/// <summary>The states of all blocks: pages of the file that are in memory while they are
/// used.</summary>
/// <remarks>
/// A look-up takes no lock. Pages that nobody has changed are all one page, so that reading all
/// over a large disk costs no memory; of the others a bounded number is kept, and a changed one
/// until it has been committed.
/// </remarks>
/// <param name="file">The overlay's file.</param>
/// <param name="layout">Its layout.</param>
/// <param name="capacity">Pages to keep, but for those that are changed.</param>
internal sealed class StateMap(BlockDevice file, OverlayLayout layout, int capacity)
{
    private readonly Lock _gate = new();
    private readonly StatePage?[] _pages = new StatePage?[layout.PageCount];
    private readonly List<int> _kept = [];
    private int _dirty;
    private int _hand;

    /// <summary>Whether so many pages wait for a commit that writers should make one.</summary>
    internal bool IsCrowded => Volatile.Read(ref _dirty) > capacity / 2;

    /// <summary>Pages in memory, each of 4 KiB.</summary>
    internal int PagesInMemory => _kept.Count;

    /// <summary>Looks a block up.</summary>
    /// <param name="block">The block.</param>
    /// <param name="state">Its state.</param>
    /// <param name="end">The first block after it that may be in another state.</param>
    /// <returns>False when its page has to be loaded first.</returns>
    internal bool TryFind(long block, out BlockState state, out long end)
    {
        StatePage? page = Volatile.Read(ref _pages[OverlayLayout.PageOf(block)]);
        if (page is null)
        {
            (state, end) = (default, block);
            return false;
        }

        page.IsUsed = true;
        int place = OverlayLayout.PlaceInPage(block);
        state = page.StateOf(place);
        end = Math.Min(layout.BlockCount, block + page.RunFrom(place, state));
        return true;
    }

    /// <summary>Looks a block up, loading its page.</summary>
    internal async ValueTask<(BlockState State, long End)> FindAsync(
        long block, CancellationToken cancellationToken)
    {
        BlockState state;
        long end;
        while (!TryFind(block, out state, out end))
        {
            await LoadAsync(OverlayLayout.PageOf(block), cancellationToken).ConfigureAwait(false);
        }

        return (state, end);
    }

    /// <summary>Puts blocks into a state; what it stands for is in its place already.</summary>
    internal async ValueTask SetAsync(
        long first, long end, BlockState state, CancellationToken cancellationToken)
    {
        while (first < end)
        {
            int number = OverlayLayout.PageOf(first);
            int place = OverlayLayout.PlaceInPage(first);
            int count = (int)Math.Min(end - first, OverlayLayout.BlocksOfPage - place);
            if (TrySet(number, place, count, state))
            {
                first += count;
            }
            else
            {
                await LoadAsync(number, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Copies of all changed pages, which count as unchanged from now on and stay until
    /// <see cref="Settle"/>.</summary>
    internal List<PendingPage> TakeChanged()
    {
        List<PendingPage> taken = [];
        lock (_gate)
        {
            foreach (int number in _dirty > 0 ? _kept : [])
            {
                if (_pages[number] is { IsDirty: true } page)
                {
                    taken.Add(PendingPage.Of(number, page));
                    page.IsDirty = false;
                    page.IsTaken = true;
                }
            }

            _dirty = 0;
        }

        return taken;
    }

    /// <summary>Ends what <see cref="TakeChanged"/> began.</summary>
    /// <param name="pages">What was taken.</param>
    /// <param name="areWritten">Whether the file has them; if not they count as changed
    /// again.</param>
    internal void Settle(List<PendingPage> pages, bool areWritten)
    {
        lock (_gate)
        {
            foreach (PendingPage taken in pages)
            {
                StatePage page = _pages[taken.Number]!;
                page.IsTaken = false;
                if (!areWritten)
                {
                    MarkUnsynchronized(page);
                }
            }
        }
    }

    private bool TrySet(int number, int place, int count, BlockState state)
    {
        lock (_gate)
        {
            if (_pages[number] is not { } page)
            {
                return false;
            }

            if (page == StatePage.Untouched)
            {
                page = StatePage.New();
                Keep(number, page);
            }

            page.Set(place, count, state);
            MarkUnsynchronized(page);
            return true;
        }
    }

    private void MarkUnsynchronized(StatePage page)
    {
        if (!page.IsDirty)
        {
            page.IsDirty = true;
            _dirty++;
        }
    }

    private async ValueTask LoadAsync(int number, CancellationToken cancellationToken)
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(StatePage.Size);
        try
        {
            long offset = OverlayLayout.OffsetOfPage(number);
            await file.ReadAsync(offset, bytes.AsMemory(0, StatePage.Size), cancellationToken)
                .ConfigureAwait(false);
            StatePage page = StatePage.Read(bytes.AsSpan(0, StatePage.Size), offset);
            lock (_gate)
            {
                // Somebody else may have loaded it, and changed it since.
                if (_pages[number] is null)
                {
                    Keep(number, page);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private void Keep(int number, StatePage page)
    {
        if (page != StatePage.Untouched)
        {
            ForgetOne();
            _kept.Add(number);
        }

        Volatile.Write(ref _pages[number], page);
    }

    // The hand of a clock: what was used since it came by last is passed over once.
    private void ForgetOne()
    {
        for (int looked = 0; _kept.Count >= capacity && looked < 2 * _kept.Count; looked++)
        {
            _hand = _hand + 1 < _kept.Count ? _hand + 1 : 0;
            StatePage page = _pages[_kept[_hand]]!;
            if (page.IsUsed || page.IsDirty || page.IsTaken)
            {
                page.IsUsed = false;
            }
            else
            {
                Volatile.Write(ref _pages[_kept[_hand]], null);
                _kept[_hand] = _kept[^1];
                _kept.RemoveAt(_kept.Count - 1);
                return;
            }
        }
    }
}
