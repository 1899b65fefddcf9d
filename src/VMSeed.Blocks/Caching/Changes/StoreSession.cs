using VMSeed.Blocks.Caching.Layout;
using VMSeed.Blocks.Caching.Store;

namespace VMSeed.Blocks.Caching.Changes;

/// <summary>The right to change a store, and the steps that every change is made of.</summary>
/// <remarks>
/// One writer at a time, in all processes. Everything of a change happens under the lock, the blocks'
/// bytes included: they go into the page cache at gigabytes per second, nobody's reads wait for the
/// lock, and there is no reservation to lose when a process dies. A failure in the middle makes the
/// mirror worthless, not the store: it is read again before the next change.
/// </remarks>
internal sealed class StoreSession : IDisposable
{
    // Between two tries for the lock: a change of 16 blocks takes about half a millisecond.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(1);

    private readonly SemaphoreSlim _gate = new(1);
    private readonly OpenStore _store;
    private readonly TimeProvider _time;
    private readonly ChangeJournal _journal;
    private StoreMirror? _mirror;
    private ulong _head;

    /// <summary>A session on an open store.</summary>
    /// <param name="store">The store.</param>
    /// <param name="mirror">What the opening has learned of it; null when it was not looked at.</param>
    /// <param name="time">For waiting.</param>
    public StoreSession(OpenStore store, StoreMirror? mirror, TimeProvider time)
    {
        (_store, _mirror, _time) = (store, mirror, time);
        _journal = new ChangeJournal(store.Device);
        Directory = new StoreDirectory(store.Device);
    }

    /// <summary>The directory.</summary>
    public StoreDirectory Directory { get; }

    /// <summary>The mirror, true while the session is entered.</summary>
    public StoreMirror Mirror =>
        _mirror ?? throw new InvalidOperationException("The session has not been entered.");

    /// <summary>Takes the right to change the store and brings the mirror up to date.</summary>
    /// <param name="patience">How long to wait for other processes.</param>
    /// <param name="cancellationToken">Gives the wait up.</param>
    /// <returns>False when another process did not let go in time.</returns>
    public async Task<bool> TryEnterAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        bool locked = false;
        try
        {
            locked = await TryLockAsync(patience, cancellationToken).ConfigureAwait(false);
            if (locked)
            {
                await CatchUpAsync(cancellationToken).ConfigureAwait(false);
            }

            return locked;
        }
        catch
        {
            Release(locked, failed: locked);
            locked = true; // And released: the gate is open already.
            throw;
        }
        finally
        {
            if (!locked)
            {
                _gate.Release();
            }
        }
    }

    /// <summary>Gives the right to change the store back.</summary>
    /// <param name="failed">Whether a change was left half done.</param>
    public void Exit(bool failed) => Release(locked: true, failed);

    /// <summary>Announces slots whose entries are about to change.</summary>
    /// <param name="slots">The slots.</param>
    /// <returns>The number of the first change; the others' follow.</returns>
    public async ValueTask<uint> AnnounceAsync(IReadOnlyList<int> slots)
    {
        ulong first = _head;
        await _journal.AppendAsync(first, slots).ConfigureAwait(false);
        _head += (ulong)slots.Count;
        Mirror.Seen = _head;
        return (uint)first;
    }

    /// <summary>Takes announced entries out of the directory. Their units may be written after that.</summary>
    /// <param name="slots">Their slots, which the mirror has forgotten.</param>
    /// <returns>A task that is done when no reader can be misled.</returns>
    public async ValueTask RemoveAnnouncedAsync(IReadOnlyList<int> slots)
    {
        for (int i = 0; i < slots.Count; i++)
        {
            _store.Guards.BeginRemoval(slots[i]);
        }

        for (int i = 0; i < slots.Count; i++)
        {
            await Directory.WriteAsync(slots[i], default).ConfigureAwait(false);
        }

        for (int i = 0; i < slots.Count; i++)
        {
            _store.Guards.EndRemoval(slots[i]);
        }

        Interlocked.MemoryBarrier();
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    private async ValueTask<bool> TryLockAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        if (_store.Lock.TryEnter())
        {
            return true;
        }

        long start = _time.GetTimestamp();
        while (_time.GetElapsedTime(start) < patience)
        {
            await Task.Delay(s_pause, _time, cancellationToken).ConfigureAwait(false);
            if (_store.Lock.TryEnter())
            {
                return true;
            }
        }

        return false;
    }

    private async ValueTask CatchUpAsync(CancellationToken cancellationToken)
    {
        (_head, Guid name) = await _journal.ReadStateAsync().ConfigureAwait(false);
        if (name != _store.SharedName)
        {
            throw new IOException("The cache's state page was overwritten by a stranger.");
        }

        if (_mirror is { } mirror && mirror.Seen == _head)
        {
            return;
        }

        int[]? changed = _mirror is null
            ? null
            : await _journal.ReadAsync(_mirror.Seen, _head).ConfigureAwait(false);
        if (changed is null)
        {
            await ReloadAsync(cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await FollowAsync(changed).ConfigureAwait(false);
        }

        Mirror.Seen = _head;
    }

    private async ValueTask FollowAsync(int[] changed)
    {
        List<int> conflicts = [];
        foreach (int slot in changed)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)slot, (uint)_store.Geometry.Slots);
            _store.Guards.EndRemoval(slot); // Of a process that died in between.
            if (Mirror.IsUsed(slot))
            {
                Mirror.Remove(slot);
            }
        }

        foreach (int slot in changed)
        {
            DirectoryEntry entry = await Directory.ReadAsync(slot, default).ConfigureAwait(false);
            bool known = entry.IsEmpty || Mirror.IsUsed(slot);
            if (!known && !(entry.IsSound(_store.Salt) && Mirror.TryAdd(slot, entry)))
            {
                conflicts.Add(slot);
            }
        }

        await RemoveBadAsync(conflicts).ConfigureAwait(false);
    }

    private async ValueTask ReloadAsync(CancellationToken cancellationToken)
    {
        StoreLoader loader = new(_store.Geometry, _store.Salt, Directory);
        await loader.ReadAsync(cancellationToken).ConfigureAwait(false);
        StoreMirror mirror = new(_store.Geometry, _store.Guards.Heat);
        IReadOnlyList<int> bad = loader.Fill(mirror);
        _mirror = mirror;
        for (int slot = 0; slot < _store.Geometry.Slots; slot++)
        {
            _store.Guards.EndRemoval(slot);
        }

        await RemoveBadAsync(bad).ConfigureAwait(false);
    }

    private async ValueTask RemoveBadAsync(IReadOnlyList<int> slots)
    {
        if (slots.Count > 0 && _store.Access == StoreAccess.Change)
        {
            await AnnounceAsync(slots).ConfigureAwait(false);
            await RemoveAnnouncedAsync(slots).ConfigureAwait(false);
        }
    }

    private void Release(bool locked, bool failed)
    {
        if (failed)
        {
            _mirror = null;
        }

        if (locked)
        {
            _store.Lock.Exit();
        }

        _gate.Release();
    }
}
