using Microsoft.Extensions.Logging;
using VMSeed.Blocks.Caching;

namespace VMSeed.Blocks;

/// <summary>Opens lazy disks that share one HTTP client and one cache: what a container
/// holds.</summary>
/// <param name="options">What every disk begins with.</param>
/// <param name="clients">Where HTTP clients come from.</param>
/// <param name="loggers">Where log lines go.</param>
/// <param name="time">The clock.</param>
public sealed class LazyDiskFactory(
    LazyDiskOptions options,
    IHttpClientFactory clients,
    ILoggerFactory loggers,
    TimeProvider time) : IAsyncDisposable, IDisposable
{
    /// <summary>The name of the HTTP client, for handlers that are to be plugged into it.</summary>
    public const string HttpClientName = "VMSeed.Blocks";

    private readonly SemaphoreSlim _gate = new(1);
    private BlockCache? _cache;

    /// <summary>Opens a published image.</summary>
    /// <param name="address">See
    /// <see cref="LazyDisk.OpenAsync(string, LazyDiskOptions?, CancellationToken)"/>.</param>
    /// <param name="configure">Changes the options for this disk.</param>
    /// <param name="cancellationToken">Gives the opening up.</param>
    /// <returns>The disk; the caller disposes of it, before the factory.</returns>
    public async Task<LazyDisk> OpenAsync(
        string address,
        Func<LazyDiskOptions, LazyDiskOptions>? configure = null,
        CancellationToken cancellationToken = default)
    {
        LazyDiskOptions own = options with
        {
            HttpClient = options.HttpClient ?? clients.CreateClient(HttpClientName),
            LoggerFactory = options.LoggerFactory ?? loggers,
            TimeProvider =
                options.TimeProvider == TimeProvider.System ? time : options.TimeProvider,
        };
        own = configure?.Invoke(own) ?? own;
        bool shares = own.Cache is null
            && own.CacheDirectory == options.CacheDirectory
            && own.CacheOptions == options.CacheOptions;
        if (shares)
        {
            BlockCache? shared = await ShareCacheAsync(cancellationToken).ConfigureAwait(false);
            own = own with { Cache = shared };
        }

        return await LazyDisk.OpenAsync(address, own, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Closes the shared cache: for containers that are disposed of
    /// synchronously.</summary>
    public void Dispose()
    {
        // Closing a cache waits for nothing but its files.
        DisposeAsync().AsTask().GetAwaiter().GetResult();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_cache is not null)
        {
            await _cache.DisposeAsync().ConfigureAwait(false);
        }

        _gate.Dispose();
    }

    private async Task<BlockCache?> ShareCacheAsync(CancellationToken cancellationToken)
    {
        if (options.CacheDirectory is null)
        {
            return null;
        }

        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _cache ??= await BlockCache
                .OpenAsync(
                    options.CacheDirectory,
                    options.CacheOptions,
                    loggers.CreateLogger<BlockCache>(),
                    cancellationToken)
                .ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }
}
