using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Primitives;
using VMSeed.Testing;

namespace VMSeed.Blocks.Tests.Devices;

public sealed class FileBlockDeviceTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task What_was_written_is_read_and_the_rest_is_a_hole()
    {
        await using FileBlockDevice device = FileBlockDevice.Create(_folder["disk"], 3_000_000_001);
        byte[] data = [1, 2, 3, 4, 5];
        await device.WriteAsync(2_999_999_996, data, TestContext.Current.CancellationToken);
        await device.FlushAsync(TestContext.Current.CancellationToken);

        byte[] read = new byte[7];
        await device.ReadAsync(2_999_999_994, read, TestContext.Current.CancellationToken);
        Assert.Equal([0, 0, 1, 2, 3, 4, 5], read);
        Extent first = await device.MapAsync(0, device.Length, TestContext.Current.CancellationToken);
        Assert.Equal(ExtentKind.Zero, first.Kind);
        Assert.InRange(first.Length, 2_999_900_000, 2_999_999_996);
    }

    [Fact]
    public async Task A_cold_read_brings_the_bytes_of_the_file()
    {
        byte[] content = new byte[1_000_003];
        new Random(1).NextBytes(content);
        string path = _folder.Write("disk", content);
        await using FileBlockDevice device = FileBlockDevice.Open(path);
        byte[] read = new byte[content.Length];
        await device.ReadAsync(0, read, TestContext.Current.CancellationToken);
        Assert.Equal(content, read);
    }

    public void Dispose() => _folder.Dispose();
}
