using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using VMSeed.Blocks.Sources;
using VMSeed.Blocks.Sources.Http;

namespace VMSeed.Blocks;

/// <summary>Opens the place that an address names.</summary>
internal static class SourceFactory
{
    public static ObjectSource Open(RepositoryAddress address, LazyDiskOptions options)
    {
        if (address.Folder is { } folder)
        {
            return new FolderObjectSource(folder);
        }

        ILoggerFactory loggers = options.LoggerFactory ?? NullLoggerFactory.Instance;
        return new HttpObjectSource(
            options.HttpClient ?? DefaultHttpClient.Create(),
            address.WebRoot!,
            new HttpSourceOptions
            {
                NoProgressTimeout = options.NoProgressTimeout,
                SlowStart = options.NoProgressTimeout * 2,
            },
            options.TimeProvider,
            loggers.CreateLogger<HttpObjectSource>(),
            ownsClient: options.HttpClient is null);
    }
}
