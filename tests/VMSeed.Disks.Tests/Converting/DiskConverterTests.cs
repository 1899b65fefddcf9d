using VMSeed.Blocks.Devices;
using VMSeed.Disks.Converting;
using VMSeed.Testing;
using VMSeed.Testing.Peers;

namespace VMSeed.Disks.Tests.Converting;

public sealed class DiskConverterTests
{
    private const int Mebi = 1 << 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(512)]
    [InlineData(1_234_567)]
    [InlineData((9 * Mebi) + 4096 + 1)]
    public async Task There_and_back_again_is_the_same_disk(int length)
    {
        using TempFolder folder = new();
        byte[] model = Pattern.Disk(length, length);
        string raw = folder.Write("model.raw", model);
        await using (VirtualDisk source = await OpenRawAsync(raw))
        {
            await DiskConverter.ConvertFileAsync(
                source, folder["disk.vdi"], Vdi(length), cancellationToken: Token);
        }

        await QemuImg.AssertCleanAsync(folder["disk.vdi"], "vdi");
        Assert.True(await QemuImg.CompareAsync(folder["disk.vdi"], "vdi", raw, "raw"));
        await using VirtualDisk vdi = await VirtualDisk.OpenFileAsync(
            folder["disk.vdi"], cancellationToken: Token);
        await DiskConverter.ConvertFileAsync(
            vdi, folder["back.raw"], Raw(vdi.Length), cancellationToken: Token);
        byte[] back = await File.ReadAllBytesAsync(folder["back.raw"], Token);
        Assert.Equal(model, back[..length]);
        Assert.False(back.AsSpan(length).ContainsAnyExcept((byte)0));
    }

    [Fact]
    public async Task Time_and_memory_follow_the_data_of_a_tebibyte()
    {
        const long Length = 1L << 40;
        await using MemoryBlockDevice memory = new(Length);
        byte[] some = Pattern.Random(Mebi, 1);
        long[] places = [0, 77L << 30, Length - Mebi];
        foreach (long place in places)
        {
            await memory.WriteAsync(place, some, Token);
        }

        await using WatchedDevice source = new(memory);
        await using MemoryBlockDevice file = new(0);
        await DiskConverter.ConvertAsync(
            source, new WatchedDevice(file), Vdi(Length), cancellationToken: Token);
        Assert.InRange(source.Reads.Sum(read => (long)read.Length), 3 * Mebi, 6 * Mebi);
        await using VirtualDisk disk = await VirtualDisk.OpenAsync(file, cancellationToken: Token);
        byte[] read = new byte[Mebi];
        foreach (long place in places)
        {
            await disk.ReadAsync(place, read, Token);
            Assert.Equal(some, read);
        }
    }

    [Fact]
    public async Task Pages_of_zeros_in_data_are_not_written()
    {
        byte[] bytes = new byte[4 * Mebi];
        bytes[(2 * Mebi) + 5000] = 1;
        await using WatchedDevice target = new(new MemoryBlockDevice(bytes.Length));
        await using MemoryBlockDevice source = new(bytes);
        await DiskConverter.CopyAsync(
            new Dense(source),
            target,
            new DiskCopyOptions { TargetContent = CopyTargetContent.Zeros },
            cancellationToken: Token);
        Assert.Equal([((2L * Mebi) + 4096, 4096)], target.Writes);
        Assert.Equal(1, target.Flushes);
    }

    [Fact]
    public async Task Zeros_overwrite_what_was_on_a_target_of_unknown_content()
    {
        byte[] bytes = Pattern.Disk((3 * Mebi) + 700, 4);
        await using MemoryBlockDevice source = new(bytes);
        await using MemoryBlockDevice target = new(Pattern.Random((3 * Mebi) + 1000, 5));
        byte[] before = await BytesAsync(target);
        await DiskConverter.CopyAsync(source, target, cancellationToken: Token);
        byte[] after = await BytesAsync(target);
        Assert.Equal(bytes, after[..bytes.Length]);
        Assert.Equal(before[bytes.Length..], after[bytes.Length..]);
    }

    [Fact]
    public async Task Onto_a_similar_target_only_what_differs_is_written()
    {
        byte[] bytes = [.. Pattern.Random(3 * Mebi, 6), .. new byte[2 * Mebi]];
        await using MemoryBlockDevice source = new(bytes.Length);
        await source.WriteAsync(0, bytes.AsMemory(0, 3 * Mebi), Token);
        bytes[Mebi + 9000] ^= 1;
        bytes[(4 * Mebi) + 5000] = 1;
        await using WatchedDevice target = new(new MemoryBlockDevice(bytes));
        await DiskConverter.CopyAsync(
            source,
            target,
            new DiskCopyOptions { TargetContent = CopyTargetContent.Similar },
            cancellationToken: Token);
        Assert.Equal([(Mebi + 8192L, 4096)], target.Writes);
        Assert.Equal([((4L * Mebi) + 4096, 4096L)], target.Zeros);
        Assert.Equal(await BytesAsync(source), await BytesAsync(target));
    }

    [Fact]
    public async Task A_range_goes_into_a_stream_that_cannot_seek()
    {
        byte[] bytes = Pattern.Disk(5 * Mebi, 7);
        await using MemoryBlockDevice source = new(bytes);
        using MemoryStream memory = new();
        await DiskConverter.CopyToStreamAsync(
            source,
            new ForwardOnly(memory),
            new DiskCopyOptions { Offset = 1001, Length = (3 * Mebi) + 77 },
            cancellationToken: Token);
        Assert.Equal(bytes[1001..(1001 + (3 * Mebi) + 77)], memory.ToArray());
        await using MemoryStream longer = new();
        await DiskConverter.ConvertToStreamAsync(
            source, longer, Raw(bytes.Length + 1000), cancellationToken: Token);
        Assert.Equal([.. bytes, .. new byte[1000]], longer.ToArray());
    }

    [Fact]
    public async Task Many_reads_are_in_flight_and_writes_come_in_order()
    {
        using SemaphoreSlim eight = new(0);
        using CountdownEvent waiting = new(8);
        await using MemoryBlockDevice noise = new(Pattern.Random(24 * Mebi, 8));
        await using WatchedDevice source = new(noise)
        {
            BeforeRead = async offset =>
            {
                if (offset < 8 * Mebi)
                {
                    if (waiting.Signal())
                    {
                        eight.Release(8);
                    }

                    await eight.WaitAsync(Token);
                }
            },
        };
        await using WatchedDevice file = new(new MemoryBlockDevice(0));
        await DiskConverter.ConvertAsync(
            source, file, Vdi(noise.Length), cancellationToken: Token);
        long[] blocks = [.. file.Writes.Where(write => write.Length == Mebi).Select(w => w.Offset)];
        Assert.Equal(24, blocks.Length);
        Assert.Equal(blocks.Order(), blocks);
        Assert.Equal(1, file.Flushes);
        Assert.True(file.IsDisposed);
    }

    [Fact]
    public async Task Progress_rises_to_the_whole()
    {
        List<CopyProgress> heard = [];
        await using MemoryBlockDevice source = new(Pattern.Disk((6 * Mebi) + 1, 9));
        await DiskConverter.CopyToStreamAsync(
            source, Stream.Null, progress: new Listener(heard), cancellationToken: Token);
        Assert.Equal(new CopyProgress(source.Length, source.Length), heard[^1]);
        Assert.Equal(heard.OrderBy(tick => tick.DoneBytes), heard);
    }

    [Fact]
    public async Task After_a_failure_its_cause_is_told_and_no_file_remains()
    {
        using TempFolder folder = new();
        await using MemoryBlockDevice noise = new(Pattern.Random(32 * Mebi, 8));
        await using WatchedDevice source = new(noise)
        {
            BeforeRead = offset => offset == 20 * Mebi
                ? Task.FromException(new InvalidDataException("Rust."))
                : Task.CompletedTask,
        };
        InvalidDataException failure = await Assert.ThrowsAsync<InvalidDataException>(async () =>
            await DiskConverter.ConvertFileAsync(
                source, folder["half.vdi"], Vdi(noise.Length), cancellationToken: Token));
        Assert.Equal("Rust.", failure.Message);
        Assert.Empty(Directory.GetFiles(folder.Root));
    }

    [Fact]
    public async Task A_conversion_that_is_given_up_leaves_no_file()
    {
        using TempFolder folder = new();
        using CancellationTokenSource stop = new();
        await using MemoryBlockDevice noise = new(Pattern.Random(16 * Mebi, 8));
        await using WatchedDevice source = new(noise)
        {
            BeforeRead = offset => offset < 12 * Mebi
                ? Task.CompletedTask
                : Task.WhenAll(stop.CancelAsync(), new TaskCompletionSource().Task),
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await DiskConverter.ConvertFileAsync(
                source, folder["half.vdi"], Vdi(noise.Length), cancellationToken: stop.Token));
        Assert.Empty(Directory.GetFiles(folder.Root));
    }

    [Fact]
    public async Task What_is_there_stays_there()
    {
        using TempFolder folder = new();
        string there = folder.Write("there.vdi", [1, 2, 3]);
        await using MemoryBlockDevice source = new(Mebi);
        await Assert.ThrowsAsync<IOException>(async () => await DiskConverter.ConvertFileAsync(
            source, there, Vdi(Mebi), cancellationToken: Token));
        Assert.Equal([1, 2, 3], await File.ReadAllBytesAsync(there, Token));
        await Assert.ThrowsAsync<ArgumentException>(async () =>
            await DiskConverter.ConvertFileAsync(
                source, folder["short.vdi"], Vdi(Mebi - 1), cancellationToken: Token));
    }

    private static VirtualDiskCreateOptions Vdi(long length) =>
        new() { Format = DiskFormat.Vdi, Length = length };

    private static VirtualDiskCreateOptions Raw(long length) =>
        new() { Format = DiskFormat.Raw, Length = length };

    private static ValueTask<VirtualDisk> OpenRawAsync(string path) => VirtualDisk.OpenFileAsync(
        path, new VirtualDiskOptions { Format = DiskFormat.Raw }, Token);

    private static async Task<byte[]> BytesAsync(Blocks.BlockDevice device)
    {
        byte[] bytes = new byte[device.Length];
        await device.ReadAsync(0, bytes, Token);
        return bytes;
    }

    private sealed class Listener(List<CopyProgress> heard) : IProgress<CopyProgress>
    {
        public void Report(CopyProgress value) => heard.Add(value);
    }
}
