using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Devices.Files;
using VMSeed.Blocks.Primitives;
using VMSeed.Testing;

namespace VMSeed.Blocks.Tests.Devices;

public sealed class FileBlockDeviceTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_written_past_2_GiB_is_read_and_the_rest_is_a_hole()
    {
        await using FileBlockDevice device = FileBlockDevice.Create(_folder["disk"], 3_000_000_001);
        byte[] data = [1, 2, 3, 4, 5];
        await device.WriteAsync(2_999_999_996, data, Token);
        await device.FlushAsync(Token);

        byte[] read = new byte[7];
        await device.ReadAsync(2_999_999_994, read, Token);
        Assert.Equal([0, 0, 1, 2, 3, 4, 5], read);
        Extent first = await device.MapAsync(0, device.Length, Token);
        Assert.Equal(ExtentKind.Zero, first.Kind);
        Assert.InRange(first.Length, 2_999_900_000, 2_999_999_996);
    }

    [Fact]
    public async Task Zeroing_and_trimming_give_storage_back_and_keep_the_odd_length()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Holes are punched on Linux.");
        string path = _folder.Write("disk", Pattern.Random((1 << 20) + 77, 1));
        await using FileBlockDevice device = FileBlockDevice.Open(path, FileAccess.ReadWrite);
        await device.ZeroAsync(10_000, 500_000, Token);
        await device.TrimAsync(700_001, device.Length - 700_001, Token);

        // The file system's last block is not whole, and so it is zeroed where it lies.
        List<Extent> map = await device.ExtentsAsync(0, 1 << 20, Token).ToListAsync(Token);
        Assert.Equal(
            [ExtentKind.Data, ExtentKind.Zero, ExtentKind.Data, ExtentKind.Zero],
            map.Select(extent => extent.Kind));
        Assert.Equal((1 << 20) + 77, new FileInfo(path).Length);
        byte[] tail = new byte[77];
        await device.ReadAsync(1 << 20, tail, Token);
        Assert.Equal(new byte[77], tail);
    }

    [Fact]
    public async Task A_file_that_another_cuts_is_an_error_and_not_zeros()
    {
        string path = _folder.Write("disk", new byte[10_000]);
        await using FileBlockDevice device = FileBlockDevice.Open(path, share: FileShare.ReadWrite);
        using (FileStream other = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            other.SetLength(5000);
        }

        await Assert.ThrowsAsync<EndOfStreamException>(
            async () => await device.ReadAsync(4000, new byte[2000], Token));
        Assert.Throws<EndOfStreamException>(() => device.Read(6000, new byte[10]));
    }

    [Fact]
    public async Task Work_for_threads_that_wait_is_bounded_and_reuses_what_it_needs()
    {
        await using FileBlockDevice device = FileBlockDevice.Create(_folder["disk"], 1 << 20);
        for (int round = 0; round < 20; round++)
        {
            Task[] flushes = [.. Enumerable.Range(0, 100).Select(
                _ => device.FlushAsync(Token).AsTask())];
            await Task.WhenAll(flushes);
        }

        Assert.InRange(IoWorkers.Shared.Threads, 1, IoWorkers.MaxThreads);
    }

    [Fact]
    public async Task An_operation_is_awaited_once()
    {
        await using FileBlockDevice device = FileBlockDevice.Create(_folder["disk"], 1 << 20);
        ValueTask flush = device.FlushAsync(Token);
        await flush;
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await flush);
        await device.FlushAsync(Token);
    }

    [Fact]
    public void What_cannot_be_opened_is_refused_by_its_reason()
    {
        Assert.Throws<FileNotFoundException>(() => FileBlockDevice.Open(_folder["nothing"]));
        string path = _folder.Write("disk", []);
        Assert.Throws<ArgumentException>(() => FileBlockDevice.Open(path, FileAccess.Write));
        Assert.Throws<IOException>(() => FileBlockDevice.Create(path, 1));
    }

    public void Dispose() => _folder.Dispose();
}
