using VMSeed.Blocks.Diagnostics;
using VMSeed.Tool.CommandLine;

namespace VMSeed.Tool.Output;

/// <summary>What a disk fetched, in a sentence.</summary>
internal static class FetchReport
{
    public static string Of(DiskStatistics statistics) =>
        $"Fetched {ByteSize.Format(statistics.RequestedBytes)} in "
        + $"{statistics.Requests} requests ({statistics.Failures} failed tries); "
        + $"{statistics.Hits} block reads were local, {statistics.Misses} waited, "
        + $"{statistics.PrefetchedBlocks} blocks were read ahead, "
        + $"{statistics.Heals} healed.";
}
