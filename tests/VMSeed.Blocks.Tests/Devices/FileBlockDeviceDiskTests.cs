using VMSeed.Blocks.Devices;
using VMSeed.Testing;

namespace VMSeed.Blocks.Tests.Devices;

/// <summary>A real block device of the kernel, made of a file.</summary>
public sealed class FileBlockDeviceDiskTests : IDisposable
{
    private const int DiskLength = 1 << 20;

    private readonly TempFolder _folder;
    private readonly byte[] _content = Pattern.Random(DiskLength, 1);
    private readonly LoopDisk _loop;

    public FileBlockDeviceDiskTests()
    {
        _folder = new TempFolder();
        _loop = new LoopDisk(_folder.Write("disk", _content));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_disk_is_read_written_zeroed_and_trimmed_at_any_offset()
    {
        await using FileBlockDevice device = FileBlockDevice.Open(_loop.Path, FileAccess.ReadWrite);
        Assert.Equal(DiskLength, device.Length);
        byte[] data = Pattern.Random(5001, 2);
        await device.WriteAsync(777, data, Token);
        await device.ZeroAsync(100_001, 50_002, Token);
        await device.ZeroAsync(200_001, 10, Token);
        await device.TrimAsync(DiskLength - 10_000, 10_000, Token);
        await device.FlushAsync(Token);

        byte[] expected = (byte[])_content.Clone();
        data.CopyTo(expected, 777);
        Array.Clear(expected, 100_001, 50_002);
        Array.Clear(expected, 200_001, 10);
        byte[] read = new byte[DiskLength - 10_000];
        await device.ReadAsync(0, read, Token);
        Assert.Equal(expected[..read.Length], read);
    }

    [Fact]
    public async Task A_disk_is_data_throughout_and_cannot_grow()
    {
        await using FileBlockDevice device = FileBlockDevice.Open(_loop.Path, FileAccess.ReadWrite);
        Assert.Equal(DiskLength, (await device.MapAsync(0, DiskLength, Token)).Length);
        await Assert.ThrowsAsync<NotSupportedException>(
            async () => await device.SetLengthAsync(DiskLength * 2, Token));
    }

    public void Dispose()
    {
        _loop.Dispose();
        _folder.Dispose();
    }
}
