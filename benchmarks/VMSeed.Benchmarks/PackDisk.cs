using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Publishing;

namespace VMSeed.Benchmarks;

/// <summary>One publish of a disk, timed: <c>--pack DISK REPOSITORY [BLOCK SIZE]</c>.</summary>
internal static class PackDisk
{
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is not [var path, var repository, .. var rest])
        {
            await Console.Error.WriteLineAsync("--pack DISK REPOSITORY [BLOCK SIZE]");
            return 2;
        }

        var options = new PublishOptions
        {
            RepositoryPath = repository,
            Name = "disk",
            Keys = [],
            AllowUnsigned = true,
        };
        if (rest.Length > 0)
        {
            options = options with { BlockSize = int.Parse(rest[0]) };
        }

        TimeProvider time = TimeProvider.System;
        long start = time.GetTimestamp();
        await using FileBlockDevice disk = FileBlockDevice.Open(path);
        PublishResult result = await ImagePublisher.PublishAsync(disk, options);
        double seconds = time.GetElapsedTime(start).TotalSeconds;
        double mib = (result.NewBlocks + result.KnownBlocks) * (options.BlockSize / 1048576.0);
        Console.WriteLine(
            $"{mib:F0} MiB that are not zero in {seconds:F2} s: {mib / seconds:F0} MiB/s; "
            + $"{result.NewBytes / 1048576.0:F0} MiB stored");
        return 0;
    }
}
