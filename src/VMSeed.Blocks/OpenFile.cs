using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using VMSeed.Blocks.Caching;
using VMSeed.Blocks.Diagnostics;
using VMSeed.Blocks.Images;
using VMSeed.Blocks.Opening;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Reading;
using VMSeed.Blocks.Reading.Indexing;
using VMSeed.Blocks.Reading.Proofs;
using VMSeed.Blocks.Sources;
using VMSeed.Blocks.Sources.Http;
using VMSeed.Blocks.Sources.Http.Files;

namespace VMSeed.Blocks;

/// <summary>All parts of one open file of a web server, put together, and taken apart in the other
/// order.</summary>
internal sealed class OpenFile : IAsyncDisposable
{
    // Names of blocks begin with it: when what they stand for changes, so does this.
    private const string KeyPrefix = "vmseed file 1\n";

    private readonly FileFamily _family;
    private readonly HttpFileSource _source;

    private OpenFile(
        FileFamily family, HttpFileSource source, FileVersion version, ReadPath path)
    {
        (_family, _source, Version, Path) = (family, source, version, path);
    }

    public FileVersion Version { get; }

    public ReadPath Path { get; }

    /// <summary>Opens a file.</summary>
    /// <param name="family">What it shares, which the file leaves when it is closed or cannot be
    /// opened.</param>
    /// <param name="address">Where it is.</param>
    /// <param name="options">How it is read.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The file.</returns>
    public static async Task<OpenFile> OpenAsync(
        FileFamily family,
        FileAddress address,
        HttpRangeOptions options,
        CancellationToken cancellationToken)
    {
        ILoggerFactory loggers = options.LoggerFactory ?? NullLoggerFactory.Instance;
        var log = new DiskLog(loggers.CreateLogger<HttpRangeDevice>());
        HttpFileSource source = OpenSource(family, address, options, loggers);
        ReadPath? path = null;
        try
        {
            var policy = ReadPolicy.Until(options.ReadDeadline);
            var counters = new DiskCounters();
            FileVersion version =
                await new FileBinder(source, policy, options.TimeProvider, log, counters)
                    .BindAsync(options.BlockSize, options.AllowUnbound, cancellationToken)
                    .ConfigureAwait(false);

            // What nothing tells from its next version is not kept beyond this one.
            BlockCache? cache = version.IsBound
                ? await family.OpenCacheAsync(cancellationToken).ConfigureAwait(false)
                : null;
            var context = new ReadContext(
                source,
                new SealProof(address.Name),
                cache,
                family.Memory,
                policy,
                options.TimeProvider,
                Jitter.Next,
                counters,
                log,
                options.VerifyAlways);
            path = MakePath(address, version, context, options);
            await ReadFirstAsync(source, path, cancellationToken).ConfigureAwait(false);
            log.OpenedFile(
                address.ToString(), version.ToString(), version.Length, options.BlockSize);
            return new OpenFile(family, source, version, path);
        }
        catch
        {
            await CloseAsync(path, source, family).ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => CloseAsync(Path, _source, _family);

    private static async ValueTask CloseAsync(
        ReadPath? path, HttpFileSource source, FileFamily family)
    {
        if (path is not null)
        {
            await path.DisposeAsync().ConfigureAwait(false);
        }

        await source.DisposeAsync().ConfigureAwait(false);
        await family.DisposeAsync().ConfigureAwait(false);
    }

    private static HttpFileSource OpenSource(
        FileFamily family,
        FileAddress address,
        HttpRangeOptions options,
        ILoggerFactory loggers) =>
        new(
            family.Client,
            address,
            new HttpSourceOptions
            {
                NoProgressTimeout = options.NoProgressTimeout,
                SlowStart = options.NoProgressTimeout * 2,
            },
            options.TimeProvider,
            loggers.CreateLogger<HttpFileSource>());

    private static ReadPath MakePath(
        FileAddress address, FileVersion version, ReadContext context, HttpRangeOptions options)
    {
        var geometry = new ImageGeometry(
            version.Length, options.BlockSize, ImageGeometry.DefaultFanout);
        string key = $"{KeyPrefix}{options.BlockSize}\n{version.ToKey()}{address.ToKey()}";
        var index = new ChunkIndex(
            geometry, Digest.Of(Encoding.UTF8.GetBytes(key)), options.IndexCacheSize);
        return new ReadPath(geometry, index, context, options.ReadAhead);
    }

    // The bytes of the first answer become the first block, unless the cache has it.
    private static async ValueTask ReadFirstAsync(
        HttpFileSource source, ReadPath path, CancellationToken cancellationToken)
    {
        if (path.Geometry.Length > 0)
        {
            await path.Reader.ReadAsync(0, new byte[1], cancellationToken).ConfigureAwait(false);
        }

        if (await source.ForgetFirstAsync().ConfigureAwait(false))
        {
            path.Context.Counters.CountRequest(path.Geometry.BlockSize, ReadPurpose.Foreground);
        }
    }
}
