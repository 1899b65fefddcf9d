using VMSeed.Blocks;
using Xunit;

namespace VMSeed.Testing.Contracts;

/// <summary>What every device keeps; a test class of a device inherits it and says how one is
/// made.</summary>
public abstract class BlockDeviceContract
{
    // Not a multiple of any sector, page or block; more than two chunks of any device here.
    private const int OddLength = 200_003;

    /// <summary>The token of the running test.</summary>
    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Makes a device that holds a copy of the content.</summary>
    protected abstract ValueTask<BlockDevice> MakeAsync(byte[] content);

    [Fact]
    public async Task Any_range_reads_as_the_content()
    {
        byte[] content = Pattern.Disk(OddLength, 1);
        await using BlockDevice device = await MakeAsync(content);
        Assert.Equal(content.Length, device.Length);
        Random random = new(2);
        for (int i = 0; i < 200; i++)
        {
            int offset = random.Next(content.Length + 1);
            byte[] buffer = new byte[random.Next(Math.Min(90_000, content.Length - offset) + 1)];
            await device.ReadAsync(offset, buffer, Token);
            Assert.Equal(content[offset..(offset + buffer.Length)], buffer);
            Array.Clear(buffer);
            device.Read(offset, buffer);
            Assert.Equal(content[offset..(offset + buffer.Length)], buffer);
        }
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(-1, 1)]
    [InlineData(0, OddLength + 1)]
    [InlineData(OddLength, 1)]
    [InlineData(OddLength + 1, 0)]
    [InlineData(long.MaxValue, 1)]
    [InlineData(long.MinValue, 1)]
    public async Task A_range_outside_is_refused_by_every_member(long offset, int length)
    {
        await using BlockDevice device = await MakeAsync(new byte[OddLength]);
        byte[] buffer = new byte[length];
        await Refused(() => device.ReadAsync(offset, buffer, Token));
        Assert.Throws<ArgumentOutOfRangeException>(() => device.Read(offset, buffer));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            async () => await device.MapAsync(offset, length, Token));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            async () => await device.ExtentsAsync(offset, length, Token).ToListAsync(Token));
        if (device.CanWrite)
        {
            await Refused(() => device.WriteAsync(offset, buffer, Token));
            await Refused(() => device.ZeroAsync(offset, length, Token));
            await Refused(() => device.TrimAsync(offset, length, Token));
            await Refused(() => device.ZeroAsync(0, -1, Token));
        }
    }

    [Fact]
    public async Task Nothing_can_be_read_written_and_zeroed_anywhere_up_to_the_end()
    {
        byte[] content = Pattern.Random(OddLength, 3);
        await using BlockDevice device = await MakeAsync(content);
        foreach (long offset in new long[] { 0, 1, 4096, OddLength })
        {
            await device.ReadAsync(offset, Memory<byte>.Empty, Token);
            device.Read(offset, []);
            if (device.CanWrite)
            {
                await device.WriteAsync(offset, ReadOnlyMemory<byte>.Empty, Token);
                await device.ZeroAsync(offset, 0, Token);
                await device.TrimAsync(offset, 0, Token);
            }
        }

        Assert.Equal(content, await ReadAllAsync(device));
        Assert.Empty(await device.ExtentsAsync(5, 0, Token).ToListAsync(Token));
    }

    [Fact]
    public async Task The_map_covers_every_range_once_and_zeros_are_zeros()
    {
        byte[] content = Pattern.Disk(OddLength * 5, 4);
        await using BlockDevice device = await MakeAsync(content);
        Random random = new(5);
        for (int i = 0; i < 50; i++)
        {
            int offset = random.Next(content.Length);
            int length = random.Next(1, content.Length - offset + 1);
            await MapContract.CheckAsync(device, content, offset, length, Token);
        }

        await MapContract.CheckAsync(device, content, 0, content.Length, Token);
    }

    [Fact]
    public async Task A_cancelled_token_ends_the_work_before_it_begins()
    {
        byte[] content = Pattern.Random(OddLength, 6);
        await using BlockDevice device = await MakeAsync(content);
        CancellationToken cancelled = new(canceled: true);
        await Cancelled(() => device.ReadAsync(0, new byte[16], cancelled));
        if (device.CanWrite)
        {
            await Cancelled(() => device.WriteAsync(0, new byte[16], cancelled));
            await Cancelled(() => device.ZeroAsync(0, 16, cancelled));
        }

        Assert.Equal(content, await ReadAllAsync(device));
    }

    [Fact]
    public async Task Many_readers_at_once_each_get_their_own_bytes()
    {
        byte[] content = Pattern.Disk(OddLength * 5, 7);
        await using BlockDevice device = await MakeAsync(content);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(seed => Task.Run(
            async () =>
            {
                Random random = new(seed);
                byte[] buffer = new byte[8192];
                for (int i = 0; i < 100; i++)
                {
                    int offset = random.Next(content.Length - buffer.Length);
                    await device.ReadAsync(offset, buffer, Token);
                    ReadOnlySpan<byte> expected = content.AsSpan(offset, buffer.Length);
                    Assert.True(expected.SequenceEqual(buffer));
                }
            },
            Token)));
    }

    [Fact]
    public async Task A_device_that_cannot_be_written_says_so()
    {
        await using BlockDevice device = await MakeAsync(new byte[OddLength]);
        if (!device.CanWrite)
        {
            await Assert.ThrowsAsync<NotSupportedException>(
                async () => await device.WriteAsync(0, new byte[1], Token));
            await Assert.ThrowsAsync<NotSupportedException>(
                async () => await device.ZeroAsync(0, 1, Token));
            await Assert.ThrowsAsync<NotSupportedException>(
                async () => await device.SetLengthAsync(1, Token));
            await device.FlushAsync(Token);
        }
    }

    [Fact]
    public async Task After_disposal_reads_fail_and_a_second_disposal_does_not()
    {
        BlockDevice device = await MakeAsync(new byte[OddLength]);
        await device.DisposeAsync();
        await device.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(
            async () => await device.ReadAsync(0, new byte[1], Token));
        Assert.Throws<ObjectDisposedException>(() => device.Read(0, new byte[1]));
    }

    [Fact]
    public async Task Any_sequence_of_changes_leaves_what_a_model_holds() =>
        await DeviceModel.CheckAsync(MakeAsync);

    private static async Task<byte[]> ReadAllAsync(BlockDevice device)
    {
        byte[] all = new byte[device.Length];
        await device.ReadAsync(0, all, Token);
        return all;
    }

    private static async Task Refused(Func<ValueTask> work) =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await work());

    private static async Task Cancelled(Func<ValueTask> work) =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await work());
}
