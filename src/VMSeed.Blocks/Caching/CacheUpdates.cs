using Microsoft.Extensions.Logging;
using VMSeed.Blocks.Caching.Changes;
using VMSeed.Blocks.Caching.Layout;
using VMSeed.Blocks.Caching.Sharing;
using VMSeed.Blocks.Caching.Store;

namespace VMSeed.Blocks.Caching;

/// <summary>Everything that changes a cache; a disk that refuses ends here.</summary>
internal sealed class CacheUpdates : IAsyncDisposable
{
    // Who waits for a put has its bytes already: a block that another process keeps us from storing
    // within this time is not stored.
    private static readonly TimeSpan s_putPatience = TimeSpan.FromSeconds(1);

    // Who prunes means it.
    private static readonly TimeSpan s_prunePatience = TimeSpan.FromSeconds(30);

    private readonly OpenStore _store;
    private readonly BlockCacheOptions _options;
    private readonly WriteHealth _health;
    private readonly FreeSpace _space;
    private readonly StoreSession _session;
    private readonly StoreWriter _writer;
    private bool _disposed;

    /// <summary>The changes of an open store.</summary>
    /// <param name="store">The store.</param>
    /// <param name="mirror">Its mirror, where the opening has made one.</param>
    /// <param name="folder">Its folder; null for a device.</param>
    /// <param name="options">The cache's options.</param>
    /// <param name="logger">Told when the disk refuses.</param>
    public CacheUpdates(
        OpenStore store,
        StoreMirror? mirror,
        string? folder,
        BlockCacheOptions options,
        ILogger logger)
    {
        (_store, _options) = (store, options);
        _health = new WriteHealth(options.Time, logger);
        _space = new FreeSpace(folder, options.MinFreeBytes);
        _session = new StoreSession(store, mirror, options.Time);
        _writer = new StoreWriter(store, _session);
    }

    /// <summary>Blocks that came.</summary>
    public long Puts => _writer.Arrived;

    /// <summary>Blocks that were evicted.</summary>
    public long Evictions => _writer.Evicted;

    /// <summary>Whether the last blocks were kept.</summary>
    public bool TakesBlocks => _health.IsGood;

    /// <summary>Keeps blocks.</summary>
    /// <param name="blocks">The blocks.</param>
    /// <param name="places">Gets the places of those that were written; may be empty.</param>
    /// <param name="cancellationToken">Gives the wait up.</param>
    /// <returns>A task that is done when those that are kept can be found.</returns>
    public async ValueTask PutAsync(
        ReadOnlyMemory<CacheEntry> blocks,
        Memory<BlockPlace> places,
        CancellationToken cancellationToken)
    {
        if (!_health.MayTry || blocks.IsEmpty)
        {
            return;
        }

        StoredBlock[] stored = new StoredBlock[blocks.Length];
        for (int i = 0; i < stored.Length; i++)
        {
            CacheEntry block = blocks.Span[i];
            ArgumentOutOfRangeException.ThrowIfZero(block.Plain.Length);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(
                block.Plain.Length, EntryShape.MaxLength);
            stored[i] = _options.Compress
                ? BlockPacker.Pack(block)
                : new(block.Digest, block.Plain.Length, block.Plain, IsCompressed: false);
        }

        await TryAsync(
            () =>
            {
                UnitMap units = _session.Mirror.Units;
                units.Limit = _space.MayGrow() ? units.Length : units.HighWater;
                _writer.PutUnsynchronized(stored, places);
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes a block whose bytes are wrong.</summary>
    /// <param name="place">Its place.</param>
    /// <returns>Whether its entry is gone.</returns>
    public async ValueTask<bool> DropAsync(BlockPlace place) =>
        _store.Access == StoreAccess.Change
        && await TryAsync(
            () =>
            {
                if (_session.Mirror.StampOf(place.Slot) == place.Stamp)
                {
                    _session.Mirror.Remove(place.Slot);
                    _writer.RemoveForgotten([place.Slot]);
                }
            },
            CancellationToken.None).ConfigureAwait(false);

    /// <summary>Evicts blocks until the cache occupies no more than so much.</summary>
    /// <param name="targetBytes">What it may occupy.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>Bytes that were given back.</returns>
    public async Task<long> PruneAsync(long targetBytes, CancellationToken cancellationToken)
    {
        if (_store.Access != StoreAccess.Change)
        {
            throw new IOException(
                "Another process has the cache open that cannot be told of an eviction.");
        }

        if (!await _session.TryEnterAsync(s_prunePatience, cancellationToken).ConfigureAwait(false))
        {
            throw new IOException($"Another process has held the cache for {s_prunePatience}.");
        }

        bool done = false;
        try
        {
            long target = (targetBytes / StoreGeometry.UnitBytes) - _store.Geometry.DataUnit;
            long freed = await new StoreUpkeep(_store, _session, _writer)
                .PruneUnsynchronizedAsync(Math.Max(0, target), cancellationToken)
                .ConfigureAwait(false);
            done = true;
            return freed * StoreGeometry.UnitBytes;
        }
        finally
        {
            _session.Exit(failed: !done);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        await TryAsync(CloseUnsynchronized, CancellationToken.None).ConfigureAwait(false);
        _session.Dispose();
        _store.Lock.Dispose();
        if (_store.OwnsDevice)
        {
            await _store.Device.DisposeAsync().ConfigureAwait(false);
        }
        else
        {
            await FlushAsync().ConfigureAwait(false);
        }
    }

    // Who closes a cache on a device is about to switch off what the device is a part of. A file's
    // bytes are in the care of a system that goes on.
    private async ValueTask FlushAsync()
    {
        try
        {
            await _store.Device.FlushAsync().ConfigureAwait(false);
        }
        catch (IOException failure)
        {
            _health.Fail(failure); // They are fetched again, as after a loss of power.
        }
    }

    private void CloseUnsynchronized()
    {
        bool last = _store.Lock.IsAlone();
        if (_store.Access == StoreAccess.Change && (last || !_store.Guards.AreShared))
        {
            new StoreUpkeep(_store, _session, _writer).SaveHeat();
        }

        if (last)
        {
            SharedGuards.Remove(_store.SharedName);
        }
    }

    private async ValueTask<bool> TryAsync(Action change, CancellationToken cancellationToken)
    {
        try
        {
            if (!await _session.TryEnterAsync(s_putPatience, cancellationToken)
                .ConfigureAwait(false))
            {
                return false;
            }

            bool done = false;
            try
            {
                // One thread from here to the end: a change is many small writes, and each would
                // otherwise wait its turn with the threads that wait for disks.
                await Task.Run(change, CancellationToken.None).ConfigureAwait(false);
                done = true;
            }
            finally
            {
                _session.Exit(failed: !done);
            }

            _health.Succeed();
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _health.Fail(failure);
            return false;
        }
    }
}
