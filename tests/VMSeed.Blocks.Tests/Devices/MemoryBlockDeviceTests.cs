using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Primitives;
using VMSeed.Testing;
using VMSeed.Testing.Contracts;

namespace VMSeed.Blocks.Tests.Devices;

public sealed class MemoryBlockDeviceTests : BlockDeviceContract
{
    [Fact]
    public async Task The_longest_device_maps_its_one_byte_in_no_time()
    {
        await using MemoryBlockDevice device = new(long.MaxValue);
        await device.WriteAsync(1L << 40, new byte[] { 1 }, Token);
        Extent before = await device.ExtentsAsync(0, 2L << 40, Token).FirstAsync(Token);
        Assert.Equal(new Extent(0, 1L << 40, ExtentKind.Zero), before);
        Extent last = await device.MapAsync(long.MaxValue - 10, 10, Token);
        Assert.Equal(ExtentKind.Zero, last.Kind);
    }

    [Fact]
    public async Task Reads_and_rewrites_allocate_nothing()
    {
        await using MemoryBlockDevice device = new(1 << 20);
        byte[] buffer = new byte[100_000];
        await device.WriteAsync(5, buffer, Token);
        Assert.Equal(0, Allocations.Measure(() => device.ReadAsync(5, buffer)));
        Assert.Equal(0, Allocations.Measure(() => device.WriteAsync(5, buffer)));
    }

    protected override ValueTask<BlockDevice> MakeAsync(byte[] content) =>
        new(new MemoryBlockDevice(content));

    public sealed class Streams : WritableStreamContract
    {
        protected override ValueTask<BlockDevice> MakeAsync(byte[] content) =>
            new(new MemoryBlockDevice(content));
    }
}
