using Microsoft.Extensions.Time.Testing;
using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Devices.Files;
using VMSeed.Testing;

namespace VMSeed.Blocks.Tests.Devices;

public sealed class InlineWritesTests
{
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void One_thread_is_held_at_a_time_and_long_writes_hold_none()
    {
        InlineWrites writes = new(_time);
        Assert.False(writes.TryBegin(InlineWrites.Largest + 1, out _));
        Assert.True(writes.TryBegin(InlineWrites.Largest, out long began));
        Assert.False(writes.TryBegin(1, out _));
        writes.End(began);
        Assert.True(writes.TryBegin(1, out _));
    }

    [Fact]
    public void After_slow_writes_in_a_row_the_workers_have_the_next_ones_for_a_while()
    {
        InlineWrites writes = new(_time);
        TimeSpan slow = InlineWrites.Slow + TimeSpan.FromMicroseconds(1);
        for (int i = 1; i < InlineWrites.SlowRow; i++) { Write(writes, slow); }

        Write(writes, InlineWrites.Slow);
        for (int i = 0; i < InlineWrites.SlowRow; i++) { Write(writes, slow); }

        Assert.False(writes.TryBegin(4096, out _));
        _time.Advance(InlineWrites.Rest - TimeSpan.FromMicroseconds(1));
        Assert.False(writes.TryBegin(4096, out _));
        _time.Advance(TimeSpan.FromMicroseconds(1));
        Write(writes, slow);
        Write(writes, slow);
    }

    [Fact]
    public void What_is_refused_is_an_error_and_the_next_write_is_free()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "Linux has a device that is always full.");
        using Microsoft.Win32.SafeHandles.SafeFileHandle full =
            File.OpenHandle("/dev/full", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        InlineWrites writes = new(_time);
        BlockingFile file = new(full, "/dev/full");
        Assert.Throws<IOException>(() => writes.TryWrite(file, 0, new byte[512]));
        Assert.True(writes.TryBegin(1, out _));
    }

    [Fact]
    public async Task Writers_of_many_threads_lose_nothing()
    {
        using TempFolder folder = new();
        byte[] content = Pattern.Random(8 << 20, seed: 5);
        await using FileBlockDevice device = FileBlockDevice.Create(folder["disk"], content.Length);
        await Parallel.ForAsync(0, content.Length / 4096, Token, async (block, token) =>
            await device.WriteAsync(block * 4096L, content.AsMemory(block * 4096, 4096), token));
        byte[] read = new byte[content.Length];
        await device.ReadAsync(0, read, Token);
        Assert.Equal(content, read);
    }

    private void Write(InlineWrites writes, TimeSpan takes)
    {
        Assert.True(writes.TryBegin(4096, out long began));
        _time.Advance(takes);
        writes.End(began);
    }
}
