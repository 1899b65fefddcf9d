using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using VMSeed.Blocks.Caching;
using VMSeed.Blocks.Diagnostics;
using VMSeed.Blocks.Images;
using VMSeed.Blocks.Images.Heads;
using VMSeed.Blocks.Opening;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Reading;
using VMSeed.Blocks.Reading.Indexing;
using VMSeed.Blocks.Reading.Proofs;
using VMSeed.Blocks.Reading.Resident;
using VMSeed.Blocks.Sources;
using VMSeed.Blocks.Trust;
using VMSeed.Blocks.Trust.Freshness;

namespace VMSeed.Blocks;

/// <summary>All parts of one open image, put together, and taken apart in the other
/// order.</summary>
internal sealed class OpenImage : IAsyncDisposable
{
    /// <summary>What a boot file may have: 256 MiB. It is held in memory whole, for nobody gets a
    /// byte of it before all are known to be right; the largest initrds of distributions have half
    /// of it.</summary>
    private const long MaxBootFile = 256L << 20;

    private readonly ImageIndex _index;
    private readonly ObjectLoader _objects;
    private readonly BlockCache? _ownCache;

    private OpenImage(
        VerifiedHead verified,
        RepositoryAddress address,
        ReadContext context,
        BlockCache? ownCache,
        LazyDiskOptions options)
    {
        ImageHead head = verified.Head;
        Head = head;
        SignedHead = verified.File;
        Address = address.ToString();
        Signers = verified.Signers;
        SignatureKeyIds = verified.KeyIds;
        Context = context;
        _ownCache = ownCache;
        var geometry = new ImageGeometry(
            head.Disk.Length, head.Disk.BlockSize, head.Index.Fanout);
        _objects = new ObjectLoader(context);
        _index = new ImageIndex(head, geometry, _objects, options.IndexCacheSize);
        Path = new ReadPath(geometry, _index, context, options.ReadAhead);
    }

    public ImageHead Head { get; }

    public ReadOnlyMemory<byte> SignedHead { get; }

    public string Address { get; }

    public IReadOnlyList<PublicKey> Signers { get; }

    public IReadOnlyList<string> SignatureKeyIds { get; }

    public ReadContext Context { get; }

    public ReadPath Path { get; }

    public ObjectSource Source => Context.Source;

    public static async Task<OpenImage> OpenAsync(
        string text, LazyDiskOptions options, CancellationToken cancellationToken)
    {
        ILoggerFactory loggers = options.LoggerFactory ?? NullLoggerFactory.Instance;
        var log = new DiskLog(loggers.CreateLogger<LazyDisk>());
        RepositoryAddress address = RepositoryAddress.Parse(text);
        TrustPolicy trust = ChooseTrust(address, options);
        ObjectSource source = SourceFactory.Open(address, options);
        BlockCache? ownCache = null;
        try
        {
            var policy = ReadPolicy.Until(options.ReadDeadline);
            VerifiedHead head = await OpenHeadAsync(
                    address, source, trust, policy, options, log, cancellationToken)
                .ConfigureAwait(false);
            ownCache = options.Cache is null && options.CacheDirectory is not null
                ? await BlockCache
                    .OpenAsync(
                        options.CacheDirectory,
                        options.CacheOptions,
                        loggers.CreateLogger<BlockCache>(),
                        cancellationToken)
                    .ConfigureAwait(false)
                : null;
            var context = new ReadContext(
                source,
                DigestProof.Instance,
                options.Cache ?? ownCache,
                new MemoryTier(options.MemoryCacheSize),
                policy,
                options.TimeProvider,
                Jitter.Next,
                new DiskCounters(),
                log,
                options.VerifyAlways);
            log.Opened(
                head.Head.Name,
                head.Head.Version,
                head.Head.Disk.Length,
                head.Head.Disk.BlockSize);
            return new OpenImage(head, address, context, ownCache, options);
        }
        catch
        {
            await source.DisposeAsync().ConfigureAwait(false);
            if (ownCache is not null)
            {
                await ownCache.DisposeAsync().ConfigureAwait(false);
            }

            throw;
        }
    }

    public Task<byte[]> ReadBootFileAsync(BootFile file, CancellationToken cancellationToken)
    {
        if (Head.Boot?.Files.Contains(file) != true)
        {
            throw new ArgumentException(
                $"{file.Name} is no boot file of {Head.Name} version {Head.Version}.",
                nameof(file));
        }

        return file.Length is >= 0 and <= MaxBootFile
            ? _objects.LoadAsync(
                file.Digest, (int)file.Length, ReadPurpose.Foreground, cancellationToken)
            : throw new BlockIOException(
                FailureReason.Refused,
                $"The boot file {file.Name} is said to have {file.Length} bytes; from 0 to "
                + $"{MaxBootFile} are read.")
            {
                ObjectName = file.Name,
            };
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Path.DisposeAsync().ConfigureAwait(false);
        await _index.DisposeAsync().ConfigureAwait(false);
        Context.Memory.Clear();
        await Source.DisposeAsync().ConfigureAwait(false);
        if (_ownCache is not null)
        {
            await _ownCache.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static async Task<VerifiedHead> OpenHeadAsync(
        RepositoryAddress address,
        ObjectSource source,
        TrustPolicy trust,
        ReadPolicy policy,
        LazyDiskOptions options,
        DiskLog log,
        CancellationToken cancellationToken)
    {
        if (!options.SignedHead.IsEmpty)
        {
            VerifiedHead kept = new HeadReader(
                    address.Image, address.HeadPath, "the caller", trust)
                .Read(options.SignedHead);
            source.UseMirrors(kept.Head.Mirrors);
            return kept;
        }

        ILoggerFactory loggers = options.LoggerFactory ?? NullLoggerFactory.Instance;
        var memory = new HeadMemory(
            options.StateDirectory,
            trust,
            new HeadRequest(address.Image, address.Version),
            options.TimeProvider,
            loggers.CreateLogger<LazyDisk>());
        var opener = new HeadOpener(
            address, source, trust, memory, policy, options.TimeProvider, log);
        return await opener.OpenAsync(cancellationToken).ConfigureAwait(false);
    }

    private static TrustPolicy ChooseTrust(RepositoryAddress address, LazyDiskOptions options)
    {
        List<PublicKey> keys = [.. options.PublicKeys];
        if (address.KeyText is { } text)
        {
            keys.Add(PublicKey.Parse(text));
        }

        if (keys.Count > 0)
        {
            return TrustPolicy.Pinned(keys);
        }

        return options.AllowUnsigned
            ? TrustPolicy.Unsigned
            : throw new BlockIOException(
                FailureReason.Refused,
                $"No public key is pinned for {address.Image}: put it behind the address as #RWQ…, "
                + $"into {nameof(LazyDiskOptions.PublicKeys)}, or allow unsigned images.");
    }
}
