using VMSeed.Blocks.Caching.Layout;

namespace VMSeed.Blocks.Caching;

/// <summary>How large a cache may become, and in what form it keeps blocks.</summary>
public sealed class BlockCacheOptions
{
    /// <summary>The least <see cref="MaxBytes"/>: 16 MiB.</summary>
    /// <remarks>Sixteen of the largest blocks; with less, one block washes out all
    /// others.</remarks>
    internal const long LeastMaxBytes = 16L << 20;

    /// <summary>The shortest device that a cache is opened on: 2 MiB, its metadata and one of the
    /// largest blocks.</summary>
    internal const long LeastDeviceBytes = 2L << 20;

    /// <summary>The greatest <see cref="MaxBytes"/>: 8 TiB, where a block's location
    /// ends.</summary>
    internal const long GreatestMaxBytes = 8L << 40;

    /// <summary>The default of <see cref="MaxBytes"/>: 10 GiB.</summary>
    /// <remarks>Some hundred boots' worth of blocks (one touches 98 MiB), or a few whole systems;
    /// and little enough that nobody who never chose it misses it on a disk of today.</remarks>
    internal const long DefaultMaxBytes = 10L << 30;

    /// <summary>The default of <see cref="MinFreeBytes"/>: 1 GiB.</summary>
    /// <remarks>What a system needs to update itself and write its logs.</remarks>
    internal const long DefaultMinFreeBytes = 1L << 30;

    /// <summary>What the cache may occupy on its file system, its metadata included.</summary>
    /// <value>Bytes, 16 MiB to 8 TiB. Null by default: what the cache was given before, 10 GiB
    /// for a new one. Who opens the cache while another process has it open gets the
    /// other's.</value>
    public long? MaxBytes { get; init; }

    /// <summary>What the cache leaves free on its file system: it does not grow beyond.</summary>
    /// <value>Bytes, 0 or more; 1 GiB by default.</value>
    public long MinFreeBytes { get; init; } = DefaultMinFreeBytes;

    /// <summary>Whether blocks are kept compressed: for disks that are dearer than time.</summary>
    /// <value>False by default: a hit is then one copy.</value>
    public bool Compress { get; init; }

    /// <summary>The clock: for waiting, retrying, and the cache's age.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Pages that a directory on a device begins with; fewer let small ones grow, in
    /// tests.</summary>
    internal int FirstPages { get; init; } = StoreGeometry.FirstPages;

    internal void Validate()
    {
        List<string> faults = [];
        if (MaxBytes is < LeastMaxBytes or > GreatestMaxBytes)
        {
            faults.Add(
                $"MaxBytes is {MaxBytes}; "
                + $"it must lie between {LeastMaxBytes} and {GreatestMaxBytes}.");
        }

        if (MinFreeBytes < 0)
        {
            faults.Add($"MinFreeBytes is {MinFreeBytes}; it must be 0 or more.");
        }

        if (Time is null)
        {
            faults.Add("Time is null; it must be a clock.");
        }

        if (faults.Count > 0)
        {
            throw new ArgumentException(string.Join(' ', faults));
        }
    }
}
