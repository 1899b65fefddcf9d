using VMSeed.Blocks;

namespace VMSeed.Benchmarks;

/// <summary>One cold read of a whole published disk, timed: <c>--cold ADDRESS
/// [CACHE]</c>.</summary>
internal static class ColdRead
{
    private const int Step = 1024 * 1024;

    public static async Task<int> RunAsync(string[] args)
    {
        if (args is not [var address, .. var rest])
        {
            await Console.Error.WriteLineAsync("--cold ADDRESS [CACHE DIRECTORY]");
            return 2;
        }

        TimeProvider time = TimeProvider.System;
        long start = time.GetTimestamp();
        await using LazyDisk disk = await LazyDisk.OpenAsync(
            address,
            new LazyDiskOptions
            {
                AllowUnsigned = true,
                CacheDirectory = rest.Length > 0 ? rest[0] : null,
                StateDirectory = null,
            });
        Console.WriteLine($"opened in {time.GetElapsedTime(start).TotalMilliseconds:F0} ms");
        start = time.GetTimestamp();
        long data = await ReadAllAsync(disk);
        double seconds = time.GetElapsedTime(start).TotalSeconds;
        double cpu = Environment.CpuUsage.TotalTime.TotalSeconds;
        double mib = data / (double)Step;
        Console.WriteLine(
            $"{mib:F0} MiB that are not zero in {seconds:F2} s: {mib / seconds:F0} MiB/s, "
            + $"{cpu * 1000 / mib:F2} ms of processor time per MiB; {disk.Statistics}");
        return 0;
    }

    private static async Task<long> ReadAllAsync(LazyDisk disk)
    {
        byte[] buffer = new byte[Step];
        long data = 0;
        for (long offset = 0; offset < disk.Length; offset += Step)
        {
            Memory<byte> part = buffer.AsMemory(0, (int)Math.Min(Step, disk.Length - offset));
            await disk.ReadAsync(offset, part);
            data += part.Span.ContainsAnyExcept((byte)0) ? part.Length : 0;
        }

        return data;
    }
}
