using VMSeed.Blocks;
using Xunit;

namespace VMSeed.Testing.Contracts;

/// <summary>What a library that takes a Stream may rely on where the device can be written and
/// grow.</summary>
public abstract class WritableStreamContract : StreamContract
{
    [Fact]
    public async Task Every_way_to_write_is_seen_by_another_stream()
    {
        await using BlockDevice device = await MakeAsync(new byte[20_000]);
        await using Stream stream = device.AsStream();
        byte[] data = Pattern.Random(10_001, 12);
        stream.Position = 500;
        stream.Write(data, 0, 3000);
        stream.Write(data.AsSpan(3000, 3000));
        await stream.WriteAsync(data, 6000, 2000, Token);
        await stream.WriteAsync(data.AsMemory(8000, 2000), Token);
        stream.WriteByte(data[10_000]);
        Assert.Equal(10_501, stream.Position);
        await stream.FlushAsync(Token);

        await using Stream other = device.AsStream();
        byte[] read = new byte[20_000];
        other.ReadExactly(read);
        Assert.Equal(data, read.AsSpan(500, 10_001));
        Assert.False(read.AsSpan(0, 500).ContainsAnyExcept((byte)0));
        Assert.False(read.AsSpan(10_501).ContainsAnyExcept((byte)0));
    }

    [Fact]
    public async Task A_write_past_the_end_makes_the_device_longer_and_the_gap_zero()
    {
        await using BlockDevice device = await MakeAsync([1, 2, 3]);
        await using Stream stream = device.AsStream();
        stream.Position = 1000;
        await stream.WriteAsync(new byte[] { 7 }, Token);
        Assert.Equal(1001, stream.Length);
        stream.Write([8, 9]);
        Assert.Equal(1003, device.Length);
        byte[] read = new byte[1003];
        stream.Position = 0;
        stream.ReadExactly(read);
        Assert.Equal([1, 2, 3, .. new byte[997], 7, 8, 9], read);
    }

    [Fact]
    public async Task The_length_can_be_set_and_the_position_stays_within()
    {
        await using BlockDevice device = await MakeAsync(Content);
        await using Stream stream = device.AsStream();
        stream.Position = 600_000;
        stream.SetLength(500_000);
        Assert.Equal(500_000, stream.Position);
        stream.SetLength(600_000);
        Assert.Equal(600_000, stream.Length);
        byte[] gained = new byte[100_000];
        stream.ReadExactly(gained);
        Assert.False(gained.AsSpan().ContainsAnyExcept((byte)0));
    }

    [Fact]
    public async Task Streams_that_append_at_once_do_not_cut_each_other()
    {
        await using BlockDevice device = await MakeAsync([]);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(lane => Task.Run(
            async () =>
            {
                await using Stream stream = device.AsStream();
                for (int i = 0; i < 30; i++)
                {
                    stream.Position = ((i * 16) + lane) * 100;
                    await stream.WriteAsync(Pattern.Random(100, (i * 16) + lane), Token);
                }
            },
            Token)));

        Assert.Equal(48_000, device.Length);
        byte[] all = new byte[48_000];
        await device.ReadAsync(0, all, Token);
        for (int i = 0; i < 480; i++)
        {
            Assert.Equal(Pattern.Random(100, i), all.AsSpan(i * 100, 100));
        }
    }

    [Fact]
    public async Task A_cancelled_write_is_not_made()
    {
        await using BlockDevice device = await MakeAsync(new byte[100]);
        await using Stream stream = device.AsStream();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await stream.WriteAsync(new byte[] { 1 }, new CancellationToken(true)));
        Assert.Equal(0, stream.Position);
        Assert.Equal(0, stream.ReadByte());
    }
}
