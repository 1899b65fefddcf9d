using System.Globalization;
using VMSeed.Disks;

namespace VMSeed.Benchmarks.Disks;

/// <summary>Conversions in this process, timed from the opening of the source to the flush of the
/// target: <c>--convert COUNT SOURCE TARGET FORMAT [VARIANT] [compress]</c>.</summary>
/// <remarks>The first of several pays for the just-in-time compiler.</remarks>
internal static class ConvertDisk
{
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is not [var times, var source, var target, var format, .. var rest])
        {
            await Console.Error.WriteLineAsync(
                "--convert COUNT SOURCE TARGET FORMAT [VARIANT] [compress]");
            return 2;
        }

        TimeProvider time = TimeProvider.System;
        for (int i = int.Parse(times, CultureInfo.InvariantCulture); i > 0; i--)
        {
            File.Delete(target);
            long start = time.GetTimestamp();
            await using (VirtualDisk disk = await VirtualDisk.OpenFileAsync(source))
            {
                await DiskConverter.ConvertFileAsync(
                    disk,
                    target,
                    new VirtualDiskCreateOptions
                    {
                        Format = Enum.Parse<DiskFormat>(format, ignoreCase: true),
                        Length = disk.Length,
                        Variant = rest is [not "compress" and var variant, ..] ? variant : null,
                        Compress = rest is [.., "compress"],
                    });
            }

            Console.WriteLine($"{time.GetElapsedTime(start).TotalMilliseconds:F0}");
        }

        return 0;
    }
}
