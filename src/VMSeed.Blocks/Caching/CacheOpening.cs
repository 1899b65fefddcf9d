using Microsoft.Extensions.Logging;
using VMSeed.Blocks.Caching.Sharing;
using VMSeed.Blocks.Caching.Store;

namespace VMSeed.Blocks.Caching;

/// <summary>Opens a cache as well as the disk allows: to change, to read, or not at all.</summary>
/// <param name="options">The cache's options, validated.</param>
/// <param name="logger">Told once why it is less than all.</param>
internal sealed class CacheOpening(BlockCacheOptions options, ILogger logger)
{
    private const string FileName = "store";

    // The other process may be checking a store of terabytes after a crash.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(2);

    /// <summary>Opens the cache in a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="cancellationToken">Gives the opening up.</param>
    /// <returns>The cache.</returns>
    public async Task<BlockCache> OpenFolderAsync(
        string folder, CancellationToken cancellationToken)
    {
        string path = Path.Combine(folder, FileName);
        try
        {
            return await Task.Run(
                () => OpenFileAsync(path, folder, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return await OpenReadOnlyAsync(path, failure).ConfigureAwait(false);
        }
    }

    /// <summary>Opens the cache on a device; only to read where the device is.</summary>
    /// <param name="device">The device.</param>
    /// <param name="cancellationToken">Gives the opening up.</param>
    /// <returns>The cache.</returns>
    public async Task<BlockCache> OpenDeviceAsync(
        BlockDevice device, CancellationToken cancellationToken)
    {
        if (!device.CanWrite)
        {
            return await OpenReadOnlyAsync(device).ConfigureAwait(false);
        }

        (OpenStore store, StoreMirror? mirror) = await new StoreOpener(options, logger)
            .OpenDeviceAsync(device, cancellationToken).ConfigureAwait(false);
        return new(store, new CacheUpdates(store, mirror, null, options, logger), options);
    }

    private async Task<BlockCache> OpenFileAsync(
        string path, string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        StoreLock storeLock = StoreLock.Open(path);
        try
        {
            await EnterAsync(storeLock, path, cancellationToken).ConfigureAwait(false);
            (OpenStore store, StoreMirror? mirror) = await new StoreOpener(options, logger)
                .OpenFileUnsynchronizedAsync(path, storeLock, cancellationToken)
                .ConfigureAwait(false);
            storeLock.StayOpen();
            storeLock.Exit();
            return new(store, new CacheUpdates(store, mirror, folder, options, logger), options);
        }
        catch
        {
            storeLock.Dispose(); // And with it, whatever of it is held.
            throw;
        }
    }

    private async Task<BlockCache> OpenReadOnlyAsync(BlockDevice device)
    {
        try
        {
            OpenStore store = await StoreOpener.OpenReadOnlyAsync(device, ownsDevice: false)
                .ConfigureAwait(false);
            return new(store, null, options);
        }
        catch (IOException failure)
        {
            logger.LogWarning("Nothing is cached on {Device}. {Cause}", device, failure.Message);
            return new(null, null, options);
        }
    }

    private async Task<BlockCache> OpenReadOnlyAsync(string path, Exception cause)
    {
        try
        {
            OpenStore store = await StoreOpener.OpenReadOnlyAsync(path).ConfigureAwait(false);
            logger.LogWarning("The cache {Path} is only read. {Cause}", path, cause.Message);
            return new(store, null, options);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            logger.LogWarning("Nothing is cached in {Path}. {Cause}", path, cause.Message);
            return new(null, null, options);
        }
    }

    private async ValueTask EnterAsync(
        StoreLock storeLock, string path, CancellationToken cancellationToken)
    {
        long start = options.Time.GetTimestamp();
        while (!storeLock.TryEnter())
        {
            if (options.Time.GetElapsedTime(start) > s_patience)
            {
                throw new IOException($"Another process has held {path} for {s_patience}.");
            }

            await Task.Delay(s_pause, options.Time, cancellationToken).ConfigureAwait(false);
        }
    }
}
