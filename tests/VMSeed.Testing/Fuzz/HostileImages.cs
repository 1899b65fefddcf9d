using VMSeed.Blocks;
using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Primitives;
using Xunit;
using Xunit.Sdk;

namespace VMSeed.Testing.Fuzz;

/// <summary>Opens and reads damaged images: each ends in time, within its memory, and with bytes or
/// with a typed error.</summary>
public static class HostileImages
{
    // Extents of a map that claims an exabyte in pieces of 512 bytes have no end.
    private const int MaxExtents = 1000;
    private const int BufferLength = 64 * 1024;

    /// <summary>Damages an image again and again, each time from the beginning.</summary>
    /// <param name="image">A valid image; a small one.</param>
    /// <param name="open">Opens the disk that a file holds.</param>
    /// <param name="isTyped">Whether an exception is one of those that the format
    /// documents.</param>
    /// <param name="seed">Of the damage.</param>
    /// <param name="count">How many images.</param>
    /// <param name="bounds">What one may cost.</param>
    /// <param name="regions">Where the format keeps its structures; see <see
    /// cref="ImageMutation"/>.</param>
    public static async Task<FuzzOutcome> TryAsync(
        ReadOnlyMemory<byte> image,
        Func<BlockDevice, ValueTask<BlockDevice>> open,
        Func<Exception, bool> isTyped,
        int seed,
        int count,
        FuzzBounds? bounds = null,
        params Range[] regions)
    {
        int opened = 0;
        for (int i = 0; i < count; i++)
        {
            byte[] damaged = ImageMutation.Make(image.Span, new Random(seed + i), regions);
            string name = $"Image of seed {seed + i}";
            opened += await IsReadAsync(damaged, open, isTyped, bounds ?? new(), name) ? 1 : 0;
        }

        return new(opened, count - opened);
    }

    /// <summary>Opens and reads one image.</summary>
    /// <param name="image">Its bytes.</param>
    /// <param name="open">Opens the disk that a file holds.</param>
    /// <param name="isTyped">Whether an exception is one of those that the format
    /// documents.</param>
    /// <param name="bounds">What it may cost.</param>
    /// <param name="name">What a failure calls it.</param>
    /// <returns>Whether it could be read; otherwise the error was typed.</returns>
    public static async Task<bool> IsReadAsync(
        byte[] image,
        Func<BlockDevice, ValueTask<BlockDevice>> open,
        Func<Exception, bool> isTyped,
        FuzzBounds bounds,
        string name = "The image")
    {
        // On a thread of its own: a loop without an end holds no other, and all that it allocates
        // is counted, since a file in memory lets everything complete synchronously.
        Task<(Exception? Error, long Allocated)> work = Task.Factory.StartNew(
            () => Measure(image, open, bounds),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        Task first = await Task.WhenAny(work, Task.Delay(bounds.MaxTime, TimeProvider.System));
        Assert.True(first == work, $"{name} takes more than {bounds.MaxTime}.");
        (Exception? error, long allocated) = await work;
        Assert.True(
            allocated <= bounds.MaxAllocated,
            $"{name} makes {allocated} bytes be allocated, at most {bounds.MaxAllocated} may.");
        return error is null || isTyped(error)
            ? error is null
            : throw new XunitException($"{name} ends with an error that is not typed.", error);
    }

    private static (Exception? Error, long Allocated) Measure(
        byte[] image, Func<BlockDevice, ValueTask<BlockDevice>> open, FuzzBounds bounds)
    {
        MemoryBlockDevice file = new(image);
        byte[] buffer = new byte[BufferLength];
        long before = GC.GetAllocatedBytesForCurrentThread();
        Exception? error = null;
        try
        {
            ReadAsync(file, open, bounds.MaxRead, buffer).GetAwaiter().GetResult();
        }
        catch (Exception e)
        {
            error = e;
        }

        return (error, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static async Task ReadAsync(
        BlockDevice file, Func<BlockDevice, ValueTask<BlockDevice>> open, int most, byte[] buffer)
    {
        await using BlockDevice disk = await open(file);
        Assert.True(disk.Length >= 0, $"The disk says that it is {disk.Length} bytes long.");
        int count = 0;
        await foreach (Extent _ in disk.ExtentsAsync(0, disk.Length))
        {
            if (++count == MaxExtents)
            {
                break;
            }
        }

        long front = Math.Min(disk.Length, most);
        await ReadAsync(disk, 0, front, buffer);
        await ReadAsync(disk, Math.Max(front, disk.Length - most), disk.Length, buffer);
    }

    private static async Task ReadAsync(BlockDevice disk, long from, long to, byte[] buffer)
    {
        for (long at = from; at < to; at += buffer.Length)
        {
            await disk.ReadAsync(at, buffer.AsMemory(0, (int)Math.Min(buffer.Length, to - at)));
        }
    }
}
