using System.Globalization;
using VMSeed.Blocks.Caching;
using VMSeed.CacheStress;

// vmseed-cache-stress FOLDER SEED MEBIBYTES SECONDS [compress|prune]: several readers on one cache.
// Prints "ready", and at the end what they saw; ends with 3 when a verified place gave wrong bytes.
int seed = int.Parse(args[1], CultureInfo.InvariantCulture);
BlockCacheOptions options = new()
{
    MaxBytes = long.Parse(args[2], CultureInfo.InvariantCulture) << 20,
    MinFreeBytes = 0,
    Compress = args.Contains("compress"),
};
TimeSpan time = TimeSpan.FromSeconds(double.Parse(args[3], CultureInfo.InvariantCulture));
await using BlockCache cache = await BlockCache.OpenAsync(args[0], options);
Console.WriteLine("ready");

long start = TimeProvider.System.GetTimestamp();
Universe universe = new((int)(options.MaxBytes.Value >> 14));
Worker[] workers =
    [.. Enumerable.Range(0, 3).Select(i => new Worker(cache, universe, (seed * 100) + i))];
await Task.WhenAll(workers.Select(worker => Task.Run(() => worker.RunAsync(
    () => TimeProvider.System.GetElapsedTime(start) < time, args.Contains("prune")))));

BlockCacheStatistics statistics = await cache.GetStatisticsAsync();
Console.WriteLine(
    $"reads {workers.Sum(w => w.Reads)} kept {workers.Sum(w => w.Kept)} "
    + $"refused {workers.Sum(w => w.Refused)} healed {workers.Sum(w => w.Healed)} "
    + $"wrong {workers.Sum(w => w.Wrong)} puts {statistics.Puts} evictions {statistics.Evictions} "
    + $"takes {statistics.TakesBlocks}");
return workers.Any(worker => worker.Wrong > 0) ? 3 : 0;
