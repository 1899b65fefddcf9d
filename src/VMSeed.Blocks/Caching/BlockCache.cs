using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using VMSeed.Blocks.Caching.Store;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Caching;

// The block cache: one store, on one BlockDevice, for every image and every process.
//
// What it has to be: a hit is one copy; a put is one copy; nobody waits for anybody but the disk;
// no process, crash or damage makes a reader see wrong bytes; the cap holds. What makes it simple:
// it is a cache. Whoever reads a block hashes it once per opening, and what was lost is fetched
// again. So nothing that is put is flushed or logged, and no shutdown is clean or unclean. Two
// rules suffice:
//
//   (1) no two entries of the directory share storage, and
//   (2) nothing writes into storage to which a reader may still hold a valid place.
//
// The folders, from the bottom up:
//   Policy   who is evicted: S3-FIFO, with hits marked in a byte each, without a lock.
//   Sharing  what processes share: two file locks, and generations in memory that cannot fault.
//   Layout   what lies on the disk: superblock, journal of changes, directory, blocks.
//   Store    an open store: opening and checking it, reading it.
//   Changes  what changes it: one session at a time, in all processes.
//
// Reading takes no lock. A place remembers the generation of its directory slot; after the copy the
// generation is looked at again, and if it stands, the bytes are those of that entry (Guards proves
// it). That look costs nothing beside the system call. Where processes cannot share memory (another
// container, another operating system) the entry itself is read again instead: one more call, the
// same proof, because an entry is removed before its storage is used again and never comes back the
// same.
//
// Changing is serial: one writer in all processes, with its bytes written inside the lock. They go
// to the page cache at several GB/s, far faster than blocks arrive, and so there are no
// reservations to be lost with a process. Each writer keeps a copy of the allocation and of the
// policy's queues in memory; a journal of slot numbers in the store tells it what others have
// changed. The journal is written before the entries, and only says where to look; so a writer that
// is killed anywhere leaves nothing behind but a slot that the next one looks at again.
//
// The cap is not kept by counting. The store is a sparse file of the cap's length (a little less,
// for the file system's own records), the blocks lie within it, lowest address first, and what is
// evicted makes room in place. Nothing can grow past the end of the file, whatever goes wrong.
// On a device of its own the directory begins small and doubles as it fills (StoreGeometry), for a
// virtual disk below grows by units far larger than a page. Storage is given back when the cache is
// pruned; punching a hole for each evicted block would cost the file system more than the block,
// only for the next block to fill it again.
//
// docs/decisions/0003-cache.md has the numbers and what was tried instead.

/// <summary>Blocks that were downloaded, on the local disk: shared by images and
/// processes.</summary>
/// <remarks>Never the cause of a failed read: a cache that cannot be used is empty, and says so
/// once.</remarks>
public sealed class BlockCache : IAsyncDisposable
{
    private readonly BlockCacheOptions _options;
    private readonly CacheUpdates? _updates;
    private readonly OpenStore? _store;
    private readonly StoreReader? _reader;
    private readonly BadPlaces _bad = new();
    private long _hits;
    private long _misses;

    internal BlockCache(OpenStore? store, CacheUpdates? updates, BlockCacheOptions options)
    {
        (_store, _updates, _options) = (store, updates, options);
        _reader = store is null ? null : new StoreReader(store);
    }

    /// <summary>Opens a cache, or begins one.</summary>
    /// <param name="directory">Its directory, which is made when it is not there.</param>
    /// <param name="options">Its options.</param>
    /// <param name="logger">Told once of what is dropped, or why nothing is cached.</param>
    /// <param name="cancellationToken">Gives the opening up.</param>
    /// <returns>The cache; one that stays empty where the directory cannot be used.</returns>
    /// <exception cref="ArgumentException">The options are out of their bounds.</exception>
    public static Task<BlockCache> OpenAsync(
        string directory,
        BlockCacheOptions? options = null,
        ILogger<BlockCache>? logger = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        options ??= new BlockCacheOptions();
        options.Validate();
        ILogger log = logger ?? NullLogger<BlockCache>.Instance;
        return new CacheOpening(options, log).OpenFolderAsync(directory, cancellationToken);
    }

    /// <summary>Opens a cache on a device of its own, such as a partition, or begins one
    /// there.</summary>
    /// <param name="device">The device, 2 MiB at least, which the caller disposes of after the
    /// cache. All of it is used. One that cannot be written is only read: nothing on it changes,
    /// and it may be in use elsewhere meanwhile.</param>
    /// <param name="options">The options; the device's length stands for
    /// <see cref="BlockCacheOptions.MaxBytes"/>, and nothing is left free on it.</param>
    /// <param name="logger">Told once of what is dropped, or why nothing is cached.</param>
    /// <param name="cancellationToken">Gives the opening up.</param>
    /// <returns>The cache; one that stays empty where a device that is only read holds
    /// none.</returns>
    /// <remarks>
    /// Whatever else lies on the device is overwritten. Only one may have it open to write, in all
    /// processes; nothing holds a second one off.
    /// <para>A device that has become longer keeps its blocks, but for those that lie where the
    /// larger directory comes to lie; one that has become shorter keeps those that lie before its
    /// end.</para>
    /// </remarks>
    /// <exception cref="ArgumentException">The options are out of their bounds, or the device is
    /// too short.</exception>
    /// <exception cref="IOException">The device cannot be read or written.</exception>
    public static Task<BlockCache> OpenDeviceAsync(
        BlockDevice device,
        BlockCacheOptions? options = null,
        ILogger<BlockCache>? logger = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(device);
        options ??= new BlockCacheOptions();
        options.Validate();
        if (device.Length < BlockCacheOptions.LeastDeviceBytes)
        {
            throw new ArgumentException(
                $"{device} has {device.Length} bytes; a cache needs "
                + $"{BlockCacheOptions.LeastDeviceBytes} at least.",
                nameof(device));
        }

        ILogger log = logger ?? NullLogger<BlockCache>.Instance;
        return new CacheOpening(options, log).OpenDeviceAsync(device, cancellationToken);
    }

    /// <summary>Looks a block up.</summary>
    /// <param name="digest">Its digest, or the name of a <see cref="SealedBlock"/>.</param>
    /// <param name="length">Its plain length in bytes, a seal included.</param>
    /// <param name="cancellationToken">Gives the look-up up.</param>
    /// <returns>Its place: verify what is read from it once, and keep it. The default: not
    /// there.</returns>
    internal ValueTask<BlockPlace> FindAsync(
        Digest digest, int length, CancellationToken cancellationToken)
    {
        if (_reader is null)
        {
            return default;
        }

        ValueTask<BlockPlace> find = _reader.FindAsync(digest, length, cancellationToken);
        return find.IsCompletedSuccessfully ? new(Count(find.Result)) : FindSlowAsync(find);
    }

    /// <summary>Reads a part of a block.</summary>
    /// <param name="place">Its place, from <see cref="FindAsync"/> of this cache.</param>
    /// <param name="offset">Where to begin in the block, in bytes.</param>
    /// <param name="destination">Where the bytes go; all of it lies within the block.</param>
    /// <param name="cancellationToken">Gives the read up.</param>
    /// <returns>False when the block is no longer there: look it up again. The destination is
    /// garbage then.</returns>
    internal ValueTask<bool> ReadAsync(
        BlockPlace place, int offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(
            (uint)offset + (uint)destination.Length, (uint)place.Length, nameof(offset));
        ValueTask<bool> read = _reader!.ReadAsync(place, offset, destination, cancellationToken);
        return read.IsCompletedSuccessfully ? new(read.Result) : ReadSlowAsync(place, read);
    }

    /// <summary>Keeps blocks. Never fails: a block that cannot be kept is not there.</summary>
    /// <param name="blocks">The blocks, whose digests have been verified, or which are
    /// sealed.</param>
    /// <param name="places">Gets the places of those that this call has written, by index, which
    /// need no verification; may be empty. One that was there before gets none.</param>
    /// <param name="cancellationToken">Gives the rest up.</param>
    /// <returns>A task that is done when those that are kept can be found.</returns>
    internal ValueTask PutAsync(
        ReadOnlyMemory<CacheEntry> blocks,
        Memory<BlockPlace> places,
        CancellationToken cancellationToken) =>
        _updates?.PutAsync(blocks, places, cancellationToken) ?? default;

    /// <summary>Forgets a block whose bytes did not verify.</summary>
    /// <param name="place">The place that they were read from.</param>
    /// <returns>A task that is done when it is not found any more.</returns>
    internal async ValueTask DropAsync(BlockPlace place)
    {
        _bad.Add(place);
        if (_updates is not null && await _updates.DropAsync(place).ConfigureAwait(false))
        {
            _bad.Remove(place);
        }
    }

    /// <summary>Whether a block is there. Its bytes are not looked at.</summary>
    /// <param name="digest">The digest of its plain bytes.</param>
    /// <param name="length">Its plain length in bytes.</param>
    /// <param name="cancellationToken">Gives the look-up up.</param>
    /// <returns>True when it is. It is no hit or miss of the statistics.</returns>
    public async ValueTask<bool> ContainsAsync(
        Digest digest, int length, CancellationToken cancellationToken = default)
    {
        if (_reader is null)
        {
            return false;
        }

        BlockPlace place = await _reader.FindAsync(digest, length, cancellationToken)
            .ConfigureAwait(false);
        return place.Exists && !_bad.Has(place);
    }

    /// <summary>Makes what was put safe against a loss of power. Nothing needs it: what is lost is
    /// fetched again.</summary>
    /// <param name="cancellationToken">Gives the wait up.</param>
    /// <returns>A task that is done when it is safe.</returns>
    /// <exception cref="IOException">The disk refuses.</exception>
    public ValueTask FlushAsync(CancellationToken cancellationToken = default) =>
        _updates is null ? default : _store!.Device.FlushAsync(cancellationToken);

    /// <summary>Counts what the cache holds.</summary>
    /// <param name="cancellationToken">Gives the count up.</param>
    /// <returns>The numbers.</returns>
    public async Task<BlockCacheStatistics> GetStatisticsAsync(
        CancellationToken cancellationToken = default)
    {
        (long blocks, long plainBytes, long storedBytes) = _store is null
            ? default
            : await Task.Run(
                () => new StoreSurvey(_store).Count(cancellationToken),
                cancellationToken).ConfigureAwait(false);
        return new()
        {
            MaxBytes = _store?.Geometry.Bytes
                ?? _options.MaxBytes ?? BlockCacheOptions.DefaultMaxBytes,
            UsedBytes = storedBytes + (_store?.Geometry.MetadataBytes ?? 0),
            Blocks = blocks,
            PlainBytes = plainBytes,
            StoredBytes = storedBytes,
            Created = _store?.Superblock.Created ?? _options.Time.GetUtcNow(),
            Hits = Interlocked.Read(ref _hits),
            Misses = Interlocked.Read(ref _misses),
            Puts = _updates?.Puts ?? 0,
            Evictions = _updates?.Evictions ?? 0,
            Dropped = _bad.Total,
            TakesBlocks = _updates?.TakesBlocks ?? false,
        };
    }

    /// <summary>Reads and hashes every block, and drops those whose bytes are wrong.</summary>
    /// <param name="progress">Told after each block.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>How many were good and bad.</returns>
    public async Task<BlockCacheVerification> VerifyAsync(
        IProgress<BlockCacheVerification>? progress = null,
        CancellationToken cancellationToken = default) =>
        _store is null
            ? new BlockCacheVerification(0)
            : await Task.Run(
                () => new StoreSurvey(_store).VerifyAsync(this, progress, cancellationToken),
                cancellationToken).ConfigureAwait(false);

    /// <summary>Evicts blocks until the cache occupies no more than so much, and gives the storage
    /// back.</summary>
    /// <param name="targetBytes">What it may keep, in bytes, its metadata included.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>Bytes that were given back.</returns>
    /// <exception cref="IOException">The cache cannot be written.</exception>
    public Task<long> PruneAsync(long targetBytes, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(targetBytes);
        return _updates is null
            ? throw new IOException("The cache cannot be written.")
            : _updates.PruneAsync(targetBytes, cancellationToken);
    }

    /// <summary>Removes every block, and gives the storage back.</summary>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>Bytes that were given back.</returns>
    /// <exception cref="IOException">The cache cannot be written.</exception>
    public Task<long> ClearAsync(CancellationToken cancellationToken = default) =>
        PruneAsync(0, cancellationToken);

    /// <summary>Closes the cache. Its blocks stay; on a device of its own they are
    /// flushed.</summary>
    /// <returns>A task that is done when it is closed.</returns>
    public async ValueTask DisposeAsync()
    {
        if (_updates is not null)
        {
            await _updates.DisposeAsync().ConfigureAwait(false);
        }
        else if (_store is { OwnsDevice: true })
        {
            await _store.Device.DisposeAsync().ConfigureAwait(false);
        }
    }

    private BlockPlace Count(BlockPlace place)
    {
        bool found = place.Exists && !_bad.Has(place);
        Interlocked.Increment(ref found ? ref _hits : ref _misses);
        return found ? place : default;
    }

    private async ValueTask<BlockPlace> FindSlowAsync(ValueTask<BlockPlace> find)
    {
        try
        {
            return Count(await find.ConfigureAwait(false));
        }
        catch (IOException)
        {
            return Count(default); // A directory page that cannot be read holds nothing.
        }
    }

    private async ValueTask<bool> ReadSlowAsync(BlockPlace place, ValueTask<bool> read)
    {
        try
        {
            return await read.ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException)
        {
            // A bad sector, or bytes that no decoder should see: looking it up again must not find
            // it.
            await DropAsync(place).ConfigureAwait(false);
            return false;
        }
    }
}
