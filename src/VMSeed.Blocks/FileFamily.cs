using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using VMSeed.Blocks.Caching;
using VMSeed.Blocks.Reading.Resident;
using VMSeed.Blocks.Sources.Http;

namespace VMSeed.Blocks;

/// <summary>What a file and those that were opened beside it share: connections, cache,
/// memory.</summary>
/// <remarks>A disk of a hundred extents would otherwise open a hundred caches, and hold a hundred
/// times the memory that its options grant. The last device to go takes the family with
/// it.</remarks>
internal sealed class FileFamily : IAsyncDisposable
{
    private readonly HttpRangeOptions _options;
    private readonly SemaphoreSlim _gate = new(1);
    private BlockCache? _ownCache;
    private int _members = 1;

    /// <summary>Makes the family of a first device, which leaves it by disposing of it.</summary>
    public FileFamily(HttpRangeOptions options)
    {
        _options = options;
        Client = options.HttpClient ?? DefaultHttpClient.Create();
        Memory = new MemoryTier(options.MemoryCacheSize);
    }

    public HttpClient Client { get; }

    public MemoryTier Memory { get; }

    /// <summary>Adds a device, unless the last one is gone already.</summary>
    public bool TryJoin()
    {
        int seen = Volatile.Read(ref _members);
        while (seen > 0)
        {
            int now = Interlocked.CompareExchange(ref _members, seen + 1, seen);
            if (now == seen)
            {
                return true;
            }

            seen = now;
        }

        return false;
    }

    /// <summary>The cache that the options name, opened by the first who asks.</summary>
    public async ValueTask<BlockCache?> OpenCacheAsync(CancellationToken cancellationToken)
    {
        if (_options.Cache is not null || _options.CacheDirectory is null)
        {
            return _options.Cache;
        }

        ILoggerFactory loggers = _options.LoggerFactory ?? NullLoggerFactory.Instance;
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _ownCache ??= await BlockCache
                .OpenAsync(
                    _options.CacheDirectory,
                    _options.CacheOptions,
                    loggers.CreateLogger<BlockCache>(),
                    cancellationToken)
                .ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>A device leaves.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Decrement(ref _members) > 0)
        {
            return;
        }

        Memory.Clear();
        if (_options.HttpClient is null)
        {
            Client.Dispose();
        }

        if (_ownCache is not null)
        {
            await _ownCache.DisposeAsync().ConfigureAwait(false);
        }

        _gate.Dispose();
    }
}
