using VMSeed.Blocks.Devices;
using VMSeed.Disks.Access;
using VMSeed.Disks.Tests.Converting;

namespace VMSeed.Disks.Tests.Access;

/// <summary>What is on its way to the disk while a copy goes on, and what becomes of its
/// failures.</summary>
public sealed class EarlyFlushTests
{
    private const int Mebi = 1 << 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_flush_is_begun_every_32_MiB_and_one_at_a_time()
    {
        TaskCompletionSource disk = new();
        WatchedDevice file = new(new MemoryBlockDevice(0))
        {
            BeforeFlush = number => number == 1 ? disk.Task : Task.CompletedTask,
        };
        EarlyFlush early = new(file);
        early.Wrote(31 * Mebi);
        Assert.Equal(0, file.Flushes);
        early.Wrote(Mebi);
        early.Wrote(64 * Mebi);
        Assert.Equal(1, file.Flushes);
        Assert.False(early.EndAsync().IsCompleted);

        disk.SetResult();
        await early.EndAsync();
        early.Wrote(1);
        Assert.Equal(2, file.Flushes);
    }

    [Fact]
    public async Task After_a_failure_there_is_none_that_could_hide_it()
    {
        WatchedDevice file = new(new MemoryBlockDevice(0))
        {
            BeforeFlush = _ => Task.FromException(new IOException("The disk is broken.")),
        };
        EarlyFlush early = new(file);
        early.Wrote(32 * Mebi);
        early.Wrote(32 * Mebi);
        Assert.Equal(1, file.Flushes);
        await Assert.ThrowsAsync<IOException>(early.EndAsync);
    }

    [Fact]
    public async Task A_conversion_fails_with_any_of_its_flushes()
    {
        WatchedDevice file = new(new MemoryBlockDevice(0))
        {
            BeforeFlush = number => number == 1
                ? Task.FromException(new IOException("The disk is broken."))
                : Task.CompletedTask,
        };
        IOException failure = await Assert.ThrowsAsync<IOException>(() => ConvertAsync(40, file));
        Assert.Equal("The disk is broken.", failure.Message);
        Assert.True(file.IsDisposed);
    }

    [Fact]
    public async Task A_conversion_of_less_has_one_flush_as_before()
    {
        WatchedDevice file = new(new MemoryBlockDevice(0));
        await ConvertAsync(8, file);
        Assert.Equal(1, file.Flushes);
    }

    private static async Task ConvertAsync(int mebis, WatchedDevice file)
    {
        byte[] data = new byte[mebis * Mebi];
        Array.Fill(data, (byte)7);
        await using MemoryBlockDevice source = new(data.Length);
        await source.WriteAsync(0, data, Token);
        await DiskConverter.ConvertAsync(
            source,
            file,
            new VirtualDiskCreateOptions { Format = DiskFormat.Raw, Length = data.Length },
            cancellationToken: Token);
    }
}
