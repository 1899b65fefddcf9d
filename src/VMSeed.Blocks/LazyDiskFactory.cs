using Microsoft.Extensions.Logging;
using VMSeed.Blocks.Caching;

namespace VMSeed.Blocks;

/// <summary>Opens lazy disks, and files of web servers, that share one HTTP client and one cache:
/// what a container holds.</summary>
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
        LazyDiskOptions own = Complete();
        own = configure?.Invoke(own) ?? own;
        if (Shares(own.Cache, own.CacheDirectory, own.CacheOptions))
        {
            BlockCache? shared = await ShareCacheAsync(cancellationToken).ConfigureAwait(false);
            own = own with { Cache = shared };
        }

        return await LazyDisk.OpenAsync(address, own, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens a file that nobody has published as an image.</summary>
    /// <param name="address">See
    /// <see cref="HttpRangeDevice.OpenAsync(string, HttpRangeOptions?, CancellationToken)"/>.
    /// </param>
    /// <param name="configure">Changes the options for this file, which begin as those of the
    /// disks.</param>
    /// <param name="cancellationToken">Gives the opening up.</param>
    /// <returns>The device; the caller disposes of it, before the factory.</returns>
    public async Task<HttpRangeDevice> OpenFileAsync(
        string address,
        Func<HttpRangeOptions, HttpRangeOptions>? configure = null,
        CancellationToken cancellationToken = default)
    {
        HttpRangeOptions own = HttpRangeOptions.From(Complete());
        own = configure?.Invoke(own) ?? own;
        if (Shares(own.Cache, own.CacheDirectory, own.CacheOptions))
        {
            BlockCache? shared = await ShareCacheAsync(cancellationToken).ConfigureAwait(false);
            own = own with { Cache = shared };
        }

        return await HttpRangeDevice.OpenAsync(address, own, cancellationToken)
            .ConfigureAwait(false);
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

    private LazyDiskOptions Complete() => options with
    {
        HttpClient = options.HttpClient ?? clients.CreateClient(HttpClientName),
        LoggerFactory = options.LoggerFactory ?? loggers,
        TimeProvider =
            options.TimeProvider == TimeProvider.System ? time : options.TimeProvider,
    };

    private bool Shares(BlockCache? cache, string? directory, BlockCacheOptions cacheOptions) =>
        cache is null
        && directory == options.CacheDirectory
        && cacheOptions == options.CacheOptions;

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
