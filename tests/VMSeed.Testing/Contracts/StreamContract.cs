using VMSeed.Blocks;
using Xunit;

namespace VMSeed.Testing.Contracts;

/// <summary>What a library that takes a Stream may rely on, whatever device lies below:
/// reading.</summary>
/// <remarks><see cref="WritableStreamContract"/> adds what holds where the device can be
/// written.</remarks>
public abstract class StreamContract
{
    /// <summary>Not a multiple of anything, and more than one piece of a copy.</summary>
    protected const int ContentLength = 700_001;

    /// <summary>The token of the running test.</summary>
    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>What the device holds.</summary>
    protected static byte[] Content { get; } = Pattern.Disk(ContentLength, 11);

    /// <summary>Makes a device that holds a copy of the content.</summary>
    protected abstract ValueTask<BlockDevice> MakeAsync(byte[] content);

    [Fact]
    public async Task Every_way_to_read_gives_the_same_bytes_and_moves_the_position()
    {
        await using BlockDevice device = await MakeAsync(Content);
        await using Stream stream = device.AsStream();
        byte[] buffer = new byte[5000];
        List<byte> all = [];
        for (int way = 0, count = 1; count > 0; way++)
        {
            int wanted = 1 + (way * 37 % 4000);
            count = way % 5 == 4
                ? ReadOne(stream, buffer)
                : await ReadAsync(stream, buffer, wanted, way);
            all.AddRange(buffer.AsSpan(7, count));
            Assert.Equal(all.Count, stream.Position);
        }

        Assert.Equal(Content, all);
    }

    [Fact]
    public async Task A_read_at_the_end_is_cut_and_one_past_it_gives_nothing()
    {
        await using BlockDevice device = await MakeAsync(Content);
        await using Stream stream = device.AsStream();
        stream.Position = ContentLength - 3;
        Assert.Equal(3, await stream.ReadAsync(new byte[10], Token));
        Assert.Equal(0, await stream.ReadAsync(new byte[10], Token));
        Assert.Equal(0, stream.Read(new byte[10]));
        Assert.Equal(ContentLength + 1000L, stream.Seek(1000, SeekOrigin.End));
        Assert.Equal(0, stream.Read(new byte[10]));
        Assert.Equal(0, await stream.ReadAsync(new byte[10].AsMemory(), Token));
        Assert.Equal(-1, stream.ReadByte());
        Assert.Equal(ContentLength + 1000L, stream.Position);
        Assert.Throws<EndOfStreamException>(() => stream.ReadExactly(new byte[1]));
    }

    [Fact]
    public async Task Seeking_knows_its_three_origins_and_stops_at_zero()
    {
        await using BlockDevice device = await MakeAsync(Content);
        await using Stream stream = device.AsStream();
        Assert.True(stream.CanSeek);
        Assert.Equal(ContentLength, stream.Length);
        Assert.Equal(100, stream.Seek(100, SeekOrigin.Begin));
        Assert.Equal(90, stream.Seek(-10, SeekOrigin.Current));
        Assert.Equal(ContentLength - 5, stream.Seek(-5, SeekOrigin.End));
        Assert.Throws<IOException>(() => stream.Seek(-1, SeekOrigin.Begin));
        Assert.Throws<IOException>(() => stream.Seek(-ContentLength - 1, SeekOrigin.End));
        Assert.Throws<IOException>(() => stream.Seek(long.MaxValue, SeekOrigin.Current));
        Assert.Throws<ArgumentException>(() => stream.Seek(0, (SeekOrigin)9));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Position = -1);
        Assert.Equal(ContentLength - 5, stream.Position);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(123_457)]
    [InlineData(ContentLength)]
    [InlineData(ContentLength + 5)]
    public async Task A_copy_goes_from_the_position_to_the_end(int start)
    {
        await using BlockDevice device = await MakeAsync(Content);
        await using Stream stream = device.AsStream();
        byte[] tail = Content[Math.Min(start, ContentLength)..];

        stream.Position = start;
        using MemoryStream awaited = new();
        await stream.CopyToAsync(awaited, Token);
        Assert.Equal(tail, awaited.ToArray());
        Assert.Equal(Math.Max(start, ContentLength), stream.Position);

        stream.Position = start;
        using MemoryStream waited = new();
        stream.CopyTo(waited);
        Assert.Equal(tail, waited.ToArray());
    }

    [Fact]
    public async Task Bad_arguments_are_named()
    {
        await using BlockDevice device = await MakeAsync(Content);
        await using Stream stream = device.AsStream();
        byte[] buffer = new byte[4];
        Assert.Throws<ArgumentNullException>(() => stream.Read(null!, 0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Read(buffer, -1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Read(buffer, 2, 3));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => stream.ReadAsync(buffer, 2, 3, Token));
        Assert.Throws<ArgumentNullException>(() => stream.CopyTo(null!));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.SetLength(-1));
    }

    [Fact]
    public async Task A_cancelled_token_leaves_the_position()
    {
        await using BlockDevice device = await MakeAsync(Content);
        await using Stream stream = device.AsStream();
        CancellationToken cancelled = new(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await stream.ReadAsync(new byte[10], cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => stream.CopyToAsync(Stream.Null, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stream.FlushAsync(cancelled));
        Assert.Equal(0, stream.Position);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_disposed_stream_refuses_and_closes_the_device_that_it_owns(bool leaveOpen)
    {
        Func<Stream, ValueTask>[] ways =
        [
            stream => stream.DisposeAsync(),
            stream =>
            {
                stream.Dispose();
                return default;
            },
        ];
        foreach (Func<Stream, ValueTask> closeAsync in ways)
        {
            await using BlockDevice device = await MakeAsync(Content);
            Stream stream = device.AsStream(leaveOpen);
            await closeAsync(stream);
            await closeAsync(stream);
            await AssertClosedAsync(stream);
            await AssertOpenAsync(device, leaveOpen);
        }
    }

    [Fact]
    public async Task Sixteen_streams_on_one_device_keep_to_themselves()
    {
        await using BlockDevice device = await MakeAsync(Content);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(seed => Task.Run(
            () => WanderAsync(device, seed), Token)));
    }

    [Fact]
    public async Task The_old_pattern_of_begin_and_end_reads_too()
    {
        await using BlockDevice device = await MakeAsync(Content);
        await using Stream stream = device.AsStream();
        byte[] buffer = new byte[1000];
        int count = await Task.Factory.FromAsync(
            stream.BeginRead, stream.EndRead, buffer, 0, buffer.Length, null);
        Assert.Equal(Content.AsSpan(0, count), buffer.AsSpan(0, count));
        Assert.Equal(1000, count);
    }

    private static int ReadOne(Stream stream, byte[] buffer)
    {
        int value = stream.ReadByte();
        buffer[7] = (byte)value;
        return value < 0 ? 0 : 1;
    }

    private static async Task<int> ReadAsync(Stream stream, byte[] buffer, int wanted, int way) =>
        (way % 5) switch
        {
            0 => stream.Read(buffer, 7, wanted),
            1 => stream.Read(buffer.AsSpan(7, wanted)),
            2 => await stream.ReadAsync(buffer, 7, wanted, Token),
            _ => await stream.ReadAsync(buffer.AsMemory(7, wanted), Token),
        };

    private static async Task AssertClosedAsync(Stream stream)
    {
        Assert.False(stream.CanRead || stream.CanSeek || stream.CanWrite);
        Assert.Throws<ObjectDisposedException>(() => stream.Length);
        Assert.Throws<ObjectDisposedException>(() => stream.Position);
        Assert.Throws<ObjectDisposedException>(() => stream.Seek(0, SeekOrigin.Begin));
        Assert.Throws<ObjectDisposedException>(() => stream.Read(new byte[1]));
        Assert.Throws<ObjectDisposedException>(stream.Flush);
        await Assert.ThrowsAsync<ObjectDisposedException>(
            async () => await stream.ReadAsync(new byte[1], Token));
    }

    private static async Task AssertOpenAsync(BlockDevice device, bool isOpen)
    {
        if (isOpen)
        {
            await device.ReadAsync(0, new byte[1], Token);
        }
        else
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(
                async () => await device.ReadAsync(0, new byte[1], Token));
        }
    }

    private static async Task WanderAsync(BlockDevice device, int seed)
    {
        await using Stream stream = device.AsStream();
        Random random = new(seed);
        byte[] buffer = new byte[3000];
        for (int i = 0; i < 100; i++)
        {
            int offset = random.Next(ContentLength - buffer.Length);
            stream.Position = offset;
            int count = i % 2 == 0 ? stream.Read(buffer) : await stream.ReadAsync(buffer, Token);
            Assert.Equal(buffer.Length, count);
            Assert.True(buffer.AsSpan().SequenceEqual(Content.AsSpan(offset, count)));
        }
    }
}
