using System.Collections.Concurrent;
using VMSeed.Testing.Servers;

namespace VMSeed.Blocks.Tests;

/// <summary>A disk that goes away takes its readers with it, at once and in words.</summary>
public sealed class LazyDiskDisposeTests
{
    private static readonly TimeSpan _soon = TimeSpan.FromSeconds(3);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_disposed_disk_says_so()
    {
        await using ServedImage image = await ServedImage.CreateAsync();
        LazyDisk disk = await image.OpenAsync();
        await image.CheckAsync(disk, 0, 4096);
        await disk.DisposeAsync();
        await disk.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(
            async () => await disk.ReadAsync(0, new byte[10], Token));
        await Assert.ThrowsAsync<ObjectDisposedException>(
            async () => await disk.MapAsync(0, 10, Token));
        await Assert.ThrowsAsync<ObjectDisposedException>(
            () => disk.PrefetchAsync(0, 10, null, Token));
        Assert.Throws<ObjectDisposedException>(() => disk.Read(0, new byte[10]));
    }

    [Theory]
    [InlineData(1024, "stalls before the answer")]
    [InlineData(1024, "stalls in the answer")]
    [InlineData(1024, "is overloaded")]
    [InlineData(16, "stalls before the answer")]
    [InlineData(16, "stalls in the answer")]
    [InlineData(16, "is overloaded")]
    public async Task Readers_in_flight_are_told_at_once(int fanout, string server)
    {
        var unobserved = new ConcurrentQueue<Exception>();
        EventHandler<UnobservedTaskExceptionEventArgs> note =
            (_, e) => unobserved.Enqueue(e.Exception);
        TaskScheduler.UnobservedTaskException += note;
        try
        {
            await DisposeAmidReadersAsync(fanout, server);
            for (int i = 0; i < 3; i++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }

            // Other tests run beside this one: only what this library threw counts.
            Assert.DoesNotContain(unobserved, e => e.ToString().Contains(
                "VMSeed.Blocks.Reading", StringComparison.Ordinal));
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= note;
        }
    }

    private static async Task DisposeAmidReadersAsync(int fanout, string server)
    {
        await using ServedImage image = await ServedImage.CreateAsync(fanout: fanout);
        LazyDisk disk = await image.OpenAsync(options => options with
        {
            NoProgressTimeout = TimeSpan.FromSeconds(60),
            ReadDeadline = TimeSpan.FromSeconds(60),
        });
        image.Server.Always("objects/*", server switch
        {
            "stalls before the answer" => Fault.StallBeforeHead,
            "stalls in the answer" => Fault.StallAfter(50),
            _ => Fault.Status(503, "Retry-After: 20"),
        });
        image.Server.Forget();
        Task[] readers =
        [
            .. Enumerable.Range(0, 16).Select(
                i => image.CheckAsync(disk, i / 2 * 8 * ServedImage.BlockSize, 4096)),
            disk.PrefetchAsync(0, image.Content.Length, null, Token),
        ];
        while (image.Server.Requests.Count == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Token);
        }

        await disk.DisposeAsync().AsTask().WaitAsync(_soon, Token);
        foreach (Task reader in readers)
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(
                () => reader.WaitAsync(_soon, Token));
        }
    }
}
