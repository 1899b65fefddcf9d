using System.Globalization;
using Microsoft.Win32.SafeHandles;
using VMSeed.Blocks;
using VMSeed.Blocks.Devices;
using VMSeed.Disks;

namespace VMSeed.Benchmarks.Disks;

/// <summary>Random reads of 4 KiB in turns, for machines on which others work too:
/// <c>--map ROUNDS FORMAT...</c> prints the best round of each in ns a read.</summary>
/// <remarks>
/// A round is some 10 ms, short enough to pass undisturbed now and then, and all sides of a format
/// have theirs close together: a benchmark's mean, taken side after side, tells mostly what else
/// the machine did.
/// </remarks>
internal static class MapTurns
{
    private const int Small = 4 * 1024;
    private const int ReadsInRound = 8192;

    /// <summary>Rounds that are not counted: until all is compiled for good.</summary>
    private const int WarmUp = 50;

    public static async Task<int> RunAsync(string[] args)
    {
        if (args is not [var count, _, ..])
        {
            await Console.Error.WriteLineAsync("--map ROUNDS FORMAT...");
            return 2;
        }

        int rounds = int.Parse(count, CultureInfo.InvariantCulture);
        Console.WriteLine($"{"",-10} {"raw",5} {"file",11} {"image",11} {"converted",11}");
        foreach (string name in args[1..])
        {
            DiskFormat format = Enum.Parse<DiskFormat>(name, ignoreCase: true);
            double[] best = await MeasureAsync(format, rounds);
            Console.WriteLine(
                $"{format,-10} {best[0],5:F0} "
                + string.Join(' ', best[1..].Select(ns => $"{ns,5:F0} {ns / best[0],5:F2}")));
        }

        return 0;
    }

    // The raw file by itself and as a device, the image written as the raw file was, and as it was
    // converted.
    private static async Task<double[]> MeasureAsync(DiskFormat format, int rounds)
    {
        using MapFiles files = await MapFiles.CreateAsync(format);
        using SafeFileHandle raw = File.OpenHandle(files.Raw);
        await using var file = FileBlockDevice.Open(files.Raw);
        await using VirtualDisk image = await MapFiles.OpenAsync(files.Copied, format);
        await using VirtualDisk converted = await MapFiles.OpenAsync(files.Converted, format);
        BlockDevice?[] sides = [null, file, image, converted];
        double[] best = new double[sides.Length];
        Array.Fill(best, double.PositiveInfinity);
        for (int round = -WarmUp; round < rounds; round++)
        {
            for (int side = 0; side < sides.Length; side++)
            {
                double time = await TimeAsync(raw, sides[side], round);
                best[side] = round < 0 ? best[side] : Math.Min(best[side], time);
            }
        }

        return best;
    }

    private static async Task<double> TimeAsync(SafeFileHandle raw, BlockDevice? device, int seed)
    {
        byte[] buffer = new byte[Small];
        var random = new Random(seed);
        long start = TimeProvider.System.GetTimestamp();
        for (int i = 0; i < ReadsInRound; i++)
        {
            long offset = random.NextInt64(MapFiles.Length / Small) * Small;
            if (device is null)
            {
                RandomAccess.Read(raw, buffer, offset);
            }
            else
            {
                await device.ReadAsync(offset, buffer);
            }
        }

        return TimeProvider.System.GetElapsedTime(start).TotalNanoseconds / ReadsInRound;
    }
}
