using Microsoft.Extensions.Logging;
using VMSeed.Blocks.Caching;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Trust;

namespace VMSeed.Blocks;

/// <summary>How a published image is opened and read.</summary>
public sealed record LazyDiskOptions
{
    private const long MaxMemory = 64L * 1024 * 1024 * 1024;

    /// <summary>Keys of publishers that are trusted for this image; one good signature
    /// suffices.</summary>
    /// <value>None by default: then the address carries a key as its fragment, or
    /// <see cref="AllowUnsigned"/> is set.</value>
    public IReadOnlyList<PublicKey> PublicKeys { get; init; } = [];

    /// <summary>Whether an image that no pinned key vouches for may be read.</summary>
    /// <value>False by default. Blocks are still held to the head; the head itself could be
    /// anyone's.</value>
    public bool AllowUnsigned { get; init; }

    /// <summary>A head to open the image by, instead of asking for the newest: what
    /// <see cref="LazyDisk.SignedHead"/> was. Its signature is checked as any head's; its age is
    /// not, for the caller says that this version is meant.</summary>
    /// <value>Empty by default.</value>
    public ReadOnlyMemory<byte> SignedHead { get; init; }

    /// <summary>The client that requests go through; it stays the caller's.</summary>
    /// <value>Null by default: a client of the disk's own, disposed of with it.</value>
    public HttpClient? HttpClient { get; init; }

    /// <summary>A cache that disks of this process share; it stays the caller's.</summary>
    /// <value>Null by default: the disk opens the one of <see cref="CacheDirectory"/> for itself.
    /// Several processes, and several disks of a process, may use one directory at once.</value>
    public BlockCache? Cache { get; init; }

    /// <summary>Where blocks are kept for good.</summary>
    /// <value><c>vmseed</c> in the user's cache folder by default; null for no cache on
    /// disk.</value>
    public string? CacheDirectory { get; init; } = DefaultFolders.Cache;

    /// <summary>How the cache of <see cref="CacheDirectory"/> is kept.</summary>
    public BlockCacheOptions CacheOptions { get; init; } = new();

    /// <summary>Where the disk remembers which heads it has accepted, against rollback.</summary>
    /// <value><c>vmseed</c> in the user's state folder by default; null to remember
    /// nothing.</value>
    public string? StateDirectory { get; init; } = DefaultFolders.State;

    /// <summary>Bytes of the hottest blocks in memory.</summary>
    /// <value>32 MiB by default; 0 to 64 GiB. More saves system calls, and memory of the page cache
    /// is lost to it.</value>
    public long MemoryCacheSize { get; init; } = 32L * 1024 * 1024;

    /// <summary>Bytes of index pages in memory.</summary>
    /// <value>64 MiB by default, enough for 28 GiB of touched disk; 1 MiB to 64 GiB.</value>
    public long IndexCacheSize { get; init; } = 64L * 1024 * 1024;

    /// <summary>How long a read goes on trying before it fails.</summary>
    /// <value>60 s by default; 100 ms to 1 day. A guest's disk driver gives up after 30 to 180
    /// s.</value>
    public TimeSpan ReadDeadline { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a server may send nothing before its request is given up.</summary>
    /// <value>10 s by default; 10 ms to 10 minutes.</value>
    public TimeSpan NoProgressTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether a cached block is hashed at every read from the disk's cache, instead of at
    /// its first read after opening: finds bits of the storage that flip later.</summary>
    /// <value>False by default: hashing costs some 35 µs for a block of 64 KiB.</value>
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
        List<string> faults = FindFaults();
        if (faults.Count > 0)
        {
            throw new ArgumentException(string.Join(' ', faults));
        }
    }

    /// <summary>Names each value that is out of its limits.</summary>
    internal List<string> FindFaults()
    {
        var faults = new List<string>();
        Check(MemoryCacheSize, 0, MaxMemory, nameof(MemoryCacheSize), faults);
        Check(IndexCacheSize, 1024 * 1024, MaxMemory, nameof(IndexCacheSize), faults);
        Check(
            (long)ReadDeadline.TotalMilliseconds,
            100,
            86_400_000,
            $"{nameof(ReadDeadline)} (ms)",
            faults);
        Check(
            (long)NoProgressTimeout.TotalMilliseconds,
            10,
            600_000,
            $"{nameof(NoProgressTimeout)} (ms)",
            faults);
        return faults;
    }

    private static void Check(long value, long min, long max, string name, List<string> faults)
    {
        if (value < min || value > max)
        {
            faults.Add($"{name} is {value}; it must be from {min} to {max}.");
        }
    }
}
