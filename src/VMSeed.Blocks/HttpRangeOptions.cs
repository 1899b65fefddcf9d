using System.Net.Http.Headers;
using System.Numerics;
using Microsoft.Extensions.Logging;
using VMSeed.Blocks.Caching;
using VMSeed.Blocks.Images;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks;

/// <summary>How a file of a web server is opened and read.</summary>
public sealed record HttpRangeOptions
{
    /// <summary>The largest block: with its proof it must fit where a block of 1 MiB
    /// does.</summary>
    internal const int MaxBlockSize = ImageGeometry.MaxBlockSize / 2;

    /// <summary>The client that requests go through; it stays the caller's.</summary>
    /// <value>Null by default: a client of the device's own, disposed of with it.</value>
    public HttpClient? HttpClient { get; init; }

    /// <summary>Credentials for the file's server, in place of those in its address.</summary>
    /// <value>Null by default: then <c>user:password@</c> in the address is sent as HTTP's Basic.
    /// Never sent to where a redirect leads, and never shown in messages.</value>
    public AuthenticationHeaderValue? Authorization { get; init; }

    /// <summary>Whether a file may be read whose server names neither a strong ETag nor a
    /// Last-Modified, by which a change under the reader would be noticed.</summary>
    /// <value>False by default: a disk whose bytes are of two versions looks like a damaged one,
    /// and nothing tells why. Where it is true, such a file is held to its length alone, with one
    /// warning, and is not kept on the local disk, for nothing would tell that it is out of
    /// date.</value>
    public bool AllowUnbound { get; init; }

    /// <summary>Bytes that are fetched and kept as one.</summary>
    /// <value>64 KiB by default; a power of two from 4 KiB to 512 KiB. One block holds the header
    /// of any disk format, and most of its tables; one that is larger costs a random read more than
    /// the round trip that it saves. Another size does not find in the cache what this one has
    /// left there.</value>
    public int BlockSize { get; init; } = ImageGeometry.DefaultBlockSize;

    /// <summary>A cache that disks of this process share; it stays the caller's.</summary>
    /// <value>Null by default: the device opens the one of <see cref="CacheDirectory"/> for
    /// itself. Several processes, and several disks of a process, may use one directory at
    /// once.</value>
    public BlockCache? Cache { get; init; }

    /// <summary>Where blocks are kept for good.</summary>
    /// <value><c>vmseed</c> in the user's cache folder by default; null for no cache on
    /// disk.</value>
    public string? CacheDirectory { get; init; } = DefaultFolders.Cache;

    /// <summary>How the cache of <see cref="CacheDirectory"/> is kept.</summary>
    public BlockCacheOptions CacheOptions { get; init; } = new();

    /// <summary>Bytes of the hottest blocks in memory.</summary>
    /// <value>32 MiB by default; 0 to 64 GiB.</value>
    public long MemoryCacheSize { get; init; } = 32L * 1024 * 1024;

    /// <summary>Bytes of memory for what is known of blocks.</summary>
    /// <value>64 MiB by default, enough for 28 GiB of touched disk in blocks of 64 KiB; 1 MiB to
    /// 64 GiB.</value>
    public long IndexCacheSize { get; init; } = 64L * 1024 * 1024;

    /// <summary>How long a read, or the opening, goes on trying before it fails.</summary>
    /// <value>60 s by default; 100 ms to 1 day.</value>
    public TimeSpan ReadDeadline { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a server may send nothing before its request is given up.</summary>
    /// <value>10 s by default; 10 ms to 10 minutes.</value>
    public TimeSpan NoProgressTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether a cached block is hashed at every read from the cache, instead of at its
    /// first read after opening: finds bits of the storage that flip later.</summary>
    /// <value>False by default.</value>
    public bool VerifyAlways { get; init; }

    /// <summary>Whether sequential readers are read ahead of.</summary>
    /// <value>True by default.</value>
    public bool ReadAhead { get; init; } = true;

    /// <summary>Where log lines go.</summary>
    /// <value>Nowhere by default.</value>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>The clock.</summary>
    /// <value>The system's by default.</value>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Checks all values.</summary>
    /// <exception cref="ArgumentException">Some are out of their limits; the message names them
    /// all.</exception>
    public void Validate()
    {
        var faults = new List<string>();
        if (BlockSize is < ImageGeometry.MinBlockSize or > MaxBlockSize
            || !BitOperations.IsPow2(BlockSize))
        {
            faults.Add(
                $"{nameof(BlockSize)} is {BlockSize}; it must be a power of two from "
                + $"{ImageGeometry.MinBlockSize} to {MaxBlockSize}.");
        }

        faults.AddRange(AsLazyDisk().FindFaults());
        if (faults.Count > 0)
        {
            throw new ArgumentException(string.Join(' ', faults));
        }
    }

    /// <summary>The block size and the cache's place; no credentials.</summary>
    /// <returns>A line for logs.</returns>
    public override string ToString() =>
        $"{nameof(HttpRangeOptions)}: blocks of {BlockSize} bytes, cache in "
        + $"{CacheDirectory ?? "memory"}";

    /// <summary>The options of a file that is read as lazy disks are.</summary>
    internal static HttpRangeOptions From(LazyDiskOptions options) => new()
    {
        HttpClient = options.HttpClient,
        Cache = options.Cache,
        CacheDirectory = options.CacheDirectory,
        CacheOptions = options.CacheOptions,
        MemoryCacheSize = options.MemoryCacheSize,
        IndexCacheSize = options.IndexCacheSize,
        ReadDeadline = options.ReadDeadline,
        NoProgressTimeout = options.NoProgressTimeout,
        VerifyAlways = options.VerifyAlways,
        ReadAhead = options.ReadAhead,
        LoggerFactory = options.LoggerFactory,
        TimeProvider = options.TimeProvider,
    };

    // The same limits hold for both.
    private LazyDiskOptions AsLazyDisk() => new()
    {
        MemoryCacheSize = MemoryCacheSize,
        IndexCacheSize = IndexCacheSize,
        ReadDeadline = ReadDeadline,
        NoProgressTimeout = NoProgressTimeout,
    };
}
