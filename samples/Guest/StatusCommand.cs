using System.Globalization;
using VMSeed.Guest.Storage;

namespace VMSeed.Guest;

/// <summary>What somebody in the running guest may ask: how its disk is, and to fetch all of
/// it.</summary>
internal static class StatusCommand
{
    private const int Usage = 2;
    private const double MiB = 1 << 20;

    public static async Task<int> RunAsync(string[] arguments)
    {
        switch (arguments)
        {
            case ["status"]:
                return Print(await ControlClient.FindStatusAsync());
            case [ControlServer.Prefetch]:
                return await PrefetchAsync();
            default:
                await Console.Error.WriteLineAsync("""
                    Usage: vmseed-guest status     how the disk is: version, mirrors, cache
                           vmseed-guest prefetch   fetch all of it, for times without a network
                    """);
                return Usage;
        }
    }

    private static int Print(StorageStatus? status)
    {
        if (status is null)
        {
            Console.Error.WriteLine(
                "No storage daemon answers: is this a system from a seed disk?");
            return 1;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            image     {status.Image} version {status.Version}, {status.Length / MiB:0} MiB
            address   {status.Address}
            fetched   {status.RequestedBytes / MiB:0.0} MiB in {status.Requests} requests
            reads     {status.Hits} from here, {status.Misses} waited for
            cache     {status.CachedBlocks} blocks in {status.CacheUsed / MiB:0.0} MiB
            of        {status.CacheSize / MiB:0} MiB
            """));
        foreach (MirrorLine mirror in status.Mirrors)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"mirror    {mirror.Address} {mirror.Condition}: {mirror.Requests} requests, "
                + $"{mirror.Bytes / MiB:0.0} MiB, wrong {mirror.Corrupt} times"));
        }

        if (status.NobodySince is { } since)
        {
            Console.WriteLine($"No mirror has answered since {since:u}.");
        }

        return 0;
    }

    private static async Task<int> PrefetchAsync()
    {
        await foreach (string line in ControlClient.AskAsync(ControlServer.Prefetch))
        {
            if (line.StartsWith(ControlServer.Failed, StringComparison.Ordinal))
            {
                await Console.Error.WriteLineAsync(line);
                return 1;
            }

            if (line != ControlServer.Done) { Console.WriteLine(PrefetchLine.Describe(line)); }
        }

        return 0;
    }
}
