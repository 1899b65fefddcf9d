using VMSeed.Blocks.Devices;
using VMSeed.Testing;

namespace VMSeed.Blocks.Tests.Devices;

public sealed class BlockDeviceStreamTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task Cached_reads_of_every_kind_allocate_nothing()
    {
        string path = _folder.Write("disk", Pattern.Random(1 << 20, 1));
        await using FileBlockDevice device = FileBlockDevice.Open(path);
        await using Stream stream = device.AsStream();
        byte[] buffer = new byte[4096];
        AssertNothing(() => device.ReadAsync(4096, buffer));
        AssertNothing(() => device.Read(4096, buffer));
        AssertNothing(() => AssertFull(Rewind(stream).Read(buffer.AsSpan())));
        AssertNothing(() => AssertFull(Rewind(stream).Read(buffer, 0, 4096)));
        AssertNothing(() => Rewind(stream).ReadByte());
        AssertNothing(() =>
        {
            ValueTask<int> read = Rewind(stream).ReadAsync(buffer.AsMemory());
            Assert.True(read.IsCompletedSuccessfully);
            AssertFull(read.GetAwaiter().GetResult());
        });
        AssertNothing(() =>
        {
#pragma warning disable CA1835 // The overload that gives a task is the one under test.
            Task<int> read = Rewind(stream).ReadAsync(buffer, 0, 4096);
#pragma warning restore CA1835
            Assert.True(read.IsCompletedSuccessfully);
        });
    }

    [Fact]
    public async Task A_write_past_the_end_of_a_device_that_cannot_grow_names_the_bound()
    {
        await using FixedDevice device = new();
        await using Stream stream = device.AsStream();
        stream.Position = 98;
        stream.Write([1, 2]);
        IOException failure = Assert.Throws<IOException>(() => stream.Write([3]));
        Assert.Contains("100", failure.Message, StringComparison.Ordinal);
        Assert.Equal(100, stream.Position);
        Assert.Throws<NotSupportedException>(() => stream.SetLength(200));
        stream.Position = long.MaxValue;
        Assert.Throws<IOException>(() => stream.Write([3]));
    }

    [Fact]
    public async Task A_stream_over_a_device_that_is_only_read_refuses_to_write()
    {
        string path = _folder.Write("disk", new byte[100]);
        await using FileBlockDevice device = FileBlockDevice.Open(path);
        await using Stream stream = device.AsStream();
        Assert.False(stream.CanWrite);
        Assert.Throws<NotSupportedException>(() => stream.Write([1]));
        Assert.Throws<NotSupportedException>(() => stream.WriteByte(1));
        Assert.Throws<NotSupportedException>(() => stream.SetLength(1));
        await Assert.ThrowsAsync<NotSupportedException>(
            async () => await stream.WriteAsync(
                new byte[1], TestContext.Current.CancellationToken));
        stream.Flush();
    }

    public void Dispose() => _folder.Dispose();

    private static Stream Rewind(Stream stream)
    {
        stream.Position = 8192;
        return stream;
    }

    // xunit's Equal may allocate for its comparer; this does only when it fails.
    private static void AssertFull(int count) => Assert.True(count == 4096);

    private static void AssertNothing(Action read) => Assert.Equal(0, Allocations.Measure(read));

    private static void AssertNothing(Func<ValueTask> read) =>
        Assert.Equal(0, Allocations.Measure(read));

    private sealed class FixedDevice : BlockDevice
    {
        public override long Length => 100;

        public override bool CanWrite => true;

        protected override ValueTask ReadCoreAsync(
            long offset, Memory<byte> buffer, CancellationToken cancellationToken) => default;

        protected override ValueTask WriteCoreAsync(
            long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) => default;
    }
}
