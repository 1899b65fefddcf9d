using System.Diagnostics.Metrics;

namespace VMSeed.Blocks.Diagnostics;

/// <summary>The instruments of the meter <c>VMSeed.Blocks</c>, in one place.</summary>
internal static class DiskMeter
{
    public const string Name = "VMSeed.Blocks";

    private static readonly Meter _meter = new(Name);

    public static Counter<long> Requests { get; } = _meter.CreateCounter<long>(
        "vmseed.fetch.requests", "{request}", "Requests sent for objects and ranges of them.");

    public static Counter<long> RequestedBytes { get; } = _meter.CreateCounter<long>(
        "vmseed.fetch.size", "By", "Bytes that these requests asked for.");

    public static Counter<long> Failures { get; } = _meter.CreateCounter<long>(
        "vmseed.fetch.failures", "{failure}", "Tries that failed, by reason.");

    public static Counter<long> Hits { get; } = _meter.CreateCounter<long>(
        "vmseed.read.hits", "{block}", "Parts of blocks read from memory or the cache.");

    public static Counter<long> Misses { get; } = _meter.CreateCounter<long>(
        "vmseed.read.misses", "{block}", "Parts of blocks that a reader had to wait for.");

    public static Counter<long> Heals { get; } = _meter.CreateCounter<long>(
        "vmseed.cache.heals", "{block}", "Cached blocks that did not verify and were dropped.");

    public static Counter<long> Prefetched { get; } = _meter.CreateCounter<long>(
        "vmseed.prefetch.blocks", "{block}", "Blocks asked for ahead of a reader.");
}
