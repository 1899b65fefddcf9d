using VMSeed.Blocks.Caching.Layout;
using VMSeed.Blocks.Caching.Store;

namespace VMSeed.Blocks.Caching.Changes;

/// <summary>The right to change a store, and the steps that every change is made of.</summary>
/// <remarks>
/// One writer at a time, in all processes. Everything of a change happens under the lock, the
/// blocks' bytes included: they go into the page cache at gigabytes per second, nobody's reads wait
/// for the lock, and there is no reservation to lose when a process dies. A failure in the middle
/// makes the mirror worthless, not the store: it is read again before the next change.
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
    /// <param name="mirror">What the opening has learned of it; null when it was not looked
    /// at.</param>
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
                CatchUp(cancellationToken);
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
    public uint Announce(ReadOnlySpan<int> slots)
    {
        ulong first = _head;
        _journal.Append(first, slots);
        _head += (ulong)slots.Length;
        Mirror.Seen = _head;
        return (uint)first;
    }

    /// <summary>Takes announced entries out of the directory. Their units may be written after
    /// that.</summary>
    /// <param name="slots">Their slots, which the mirror has forgotten.</param>
    public void RemoveAnnounced(ReadOnlySpan<int> slots)
    {
        foreach (int slot in slots)
        {
            _store.Guards.BeginRemoval(slot);
        }

        foreach (int slot in slots)
        {
            Directory.Write(slot, default);
        }

        foreach (int slot in slots)
        {
            _store.Guards.EndRemoval(slot);
        }

        Interlocked.MemoryBarrier();
    }

    /// <summary>Makes the mirror anew from a directory that was rearranged.</summary>
    public void Renew() => Accept(Reload(CancellationToken.None));

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    private async ValueTask<bool> TryLockAsync(
        TimeSpan patience, CancellationToken cancellationToken)
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

    private void CatchUp(CancellationToken cancellationToken)
    {
        (_head, Guid name) = _journal.ReadState();
        if (name != _store.SharedName)
        {
            throw new IOException("The cache's state page was overwritten by a stranger.");
        }

        if (_mirror is { } mirror && mirror.Seen == _head)
        {
            return;
        }

        int[]? changed = _mirror is null ? null : _journal.Read(_mirror.Seen, _head);
        Accept(changed is null ? Reload(cancellationToken) : Follow(changed));
    }

    private void Accept(IReadOnlyList<int> bad)
    {
        Mirror.Seen = _head;
        if (bad.Count > 0 && _store.Access == StoreAccess.Change)
        {
            int[] slots = [.. bad];
            _ = Announce(slots);
            RemoveAnnounced(slots);
        }
    }

    private List<int> Follow(int[] changed)
    {
        foreach (int slot in changed)
        {
            if ((uint)slot >= (uint)_store.Geometry.Slots)
            {
                throw new IOException(
                    $"The cache's journal names slot {slot}, which there is not.");
            }

            _store.Guards.EndRemoval(slot); // Of a process that died in between.
            if (Mirror.IsUsed(slot))
            {
                Mirror.Remove(slot);
            }
        }

        List<int> bad = [];
        foreach (int slot in changed)
        {
            DirectoryEntry entry = Directory.Read(slot);
            bool known = entry.IsEmpty || Mirror.IsUsed(slot);
            if (!known && !(entry.IsSound(_store.Salt) && Mirror.TryAdd(slot, entry)))
            {
                bad.Add(slot);
            }
        }

        return bad;
    }

    private IReadOnlyList<int> Reload(CancellationToken cancellationToken)
    {
        StoreLoader loader = new(_store.Geometry, _store.Salt, Directory);
        loader.Read(cancellationToken);
        StoreMirror mirror = new(_store.Geometry, _store.Guards.Heat);
        IReadOnlyList<int> bad = loader.Fill(mirror);
        _mirror = mirror;
        for (int slot = 0; slot < _store.Geometry.Slots; slot++)
        {
            _store.Guards.EndRemoval(slot);
        }

        return bad;
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
