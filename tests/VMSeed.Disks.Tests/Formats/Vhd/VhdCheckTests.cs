using System.Buffers.Binary;
using VMSeed.Blocks.Devices;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Testing;
using VMSeed.Testing.Contracts.Disks;

namespace VMSeed.Disks.Tests.Formats.Vhd;

/// <summary>Faults are found, named, and mended where nothing is lost by it.</summary>
public sealed class VhdCheckTests
{
    private const int BlockSize = 64 << 10;
    private const int Stride = BlockSize + 512;

    private static readonly byte[] s_content = Pattern.Random(8 * BlockSize, 1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sound_image_is_clean()
    {
        CheckReport report = await CheckAsync(await MakeAsync());
        Assert.Equal((true, 8L * BlockSize), (report.IsClean, report.AllocatedBytes));
    }

    [Fact]
    public async Task Without_the_footer_at_the_end_the_copy_is_used_and_the_end_is_mended()
    {
        byte[] image = await MakeAsync();
        image.AsSpan(image.Length - 512).Clear();

        await using MemoryBlockDevice file = await FileAsync(image);
        await using (VirtualDisk disk = await OpenAsync(file, false))
        {
            Assert.True(disk.Info.IsUnclean);
            Assert.Single(disk.Info.Warnings);
            await ContentAssert.HoldsAsync(disk, s_content);
            Assert.Equal(1, (await disk.CheckAsync(cancellationToken: Token)).ErrorCount);
        }

        await MendAsync(file, errors: 1, leaks: 0);
    }

    [Fact]
    public async Task Without_the_copy_the_footer_at_the_end_is_used_and_the_copy_is_mended()
    {
        byte[] image = await MakeAsync();
        image.AsSpan(0, 512).Clear();
        await using MemoryBlockDevice file = await FileAsync(image);
        await MendAsync(file, errors: 1, leaks: 0);
    }

    [Fact]
    public async Task What_a_crash_left_behind_the_last_block_is_found_and_cut_off()
    {
        byte[] image = await MakeAsync();
        int before = image.Length;
        byte[] longer = new byte[before + (3 * Stride)];
        image.AsSpan(0, before - 512).CopyTo(longer);
        longer.AsSpan(before, 1000).Fill(0xEE);
        image.AsSpan(before - 512).CopyTo(longer.AsSpan(longer.Length - 512));

        await using MemoryBlockDevice file = await FileAsync(longer);
        await MendAsync(file, errors: 0, leaks: 1);
        Assert.Equal(before, file.Length);
    }

    [Fact]
    public async Task A_bitmap_that_denies_data_is_found_and_mended()
    {
        byte[] image = await MakeAsync();
        image[(int)BlockOffset(image, 3) + 5] = 0x7F;
        await using MemoryBlockDevice file = await FileAsync(image);
        await MendAsync(file, errors: 1, leaks: 0);
    }

    [Fact]
    public async Task Room_of_a_lost_block_is_a_leak_and_is_taken_first()
    {
        byte[] image = await MakeAsync();
        BinaryPrimitives.WriteUInt32BigEndian(Entry(image, 3), uint.MaxValue);
        byte[] content = [.. s_content];
        content.AsSpan(3 * BlockSize, BlockSize).Clear();
        await using MemoryBlockDevice file = await FileAsync(image);
        await using (VirtualDisk disk = await OpenAsync(file, true))
        {
            await ContentAssert.HoldsAsync(disk, content);
            Assert.Equal(1, (await disk.CheckAsync(cancellationToken: Token)).LeakCount);
            content[(3 * BlockSize) + 700] = 1;
            await disk.WriteAsync((3 * BlockSize) + 700, new byte[] { 1 }, Token);
        }

        Assert.Equal(image.Length, file.Length);
        await using VirtualDisk again = await OpenAsync(file, false);
        await ContentAssert.HoldsAsync(again, content);
        Assert.True((await again.CheckAsync(cancellationToken: Token)).IsClean);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(3u)]
    [InlineData(0x7FFFFFFFu)]
    [InlineData(0xFFFFFFFEu)]
    public async Task An_entry_outside_of_the_blocks_is_an_error_and_keeps_writers_away(uint sector)
    {
        byte[] image = await MakeAsync();
        BinaryPrimitives.WriteUInt32BigEndian(Entry(image, 3), sector);
        Assert.NotEqual(0, (await CheckAsync(image)).ErrorCount);
        await RefusesWritersAsync(image);
    }

    [Fact]
    public async Task Two_blocks_in_one_place_are_an_error_and_keep_writers_away()
    {
        byte[] image = await MakeAsync();
        Entry(image, 2).CopyTo(Entry(image, 3));
        CheckReport report = await CheckAsync(image);
        Assert.Equal((1L, 1L), (report.ErrorCount, report.LeakCount));
        Assert.Contains("the block 2", report.Errors[0], StringComparison.Ordinal);
        Assert.Contains("the block 3", report.Errors[0], StringComparison.Ordinal);
        await RefusesWritersAsync(image);
    }

    private static async Task RefusesWritersAsync(byte[] image)
    {
        await using MemoryBlockDevice file = new(image);
        DiskFormatException e = await Assert.ThrowsAsync<DiskFormatException>(
            async () => await OpenAsync(file, true));
        Assert.Equal(DiskFault.Corrupt, e.Fault);
    }

    private static async Task MendAsync(MemoryBlockDevice file, int errors, int leaks)
    {
        await using (VirtualDisk disk = await OpenAsync(file, true))
        {
            CheckReport report = await disk.CheckAsync(repair: true, cancellationToken: Token);
            Assert.Equal(
                ((long)errors, (long)leaks, (long)errors + leaks, true),
                (report.ErrorCount, report.LeakCount, report.RepairedCount, report.IsClean));
        }

        await using VirtualDisk again = await OpenAsync(file, false);
        Assert.Empty(again.Info.Warnings);
        CheckReport after = await again.CheckAsync(cancellationToken: Token);
        Assert.Equal(0, after.ErrorCount + after.LeakCount);
        await ContentAssert.HoldsAsync(again, s_content);
    }

    private static async Task<CheckReport> CheckAsync(byte[] image)
    {
        await using MemoryBlockDevice file = new(image);
        await using VirtualDisk disk = await OpenAsync(file, false);
        return await disk.CheckAsync(cancellationToken: Token);
    }

    private static async Task<byte[]> MakeAsync()
    {
        using TempFolder folder = new();
        await using (VirtualDisk disk = await VirtualDisk.CreateFileAsync(
            folder["disk"],
            new() { Format = DiskFormat.Vhd, Length = s_content.Length, BlockSize = BlockSize },
            Token))
        {
            await disk.WriteAsync(0, s_content, Token);
        }

        return await File.ReadAllBytesAsync(folder["disk"], Token);
    }

    private static async Task<MemoryBlockDevice> FileAsync(byte[] image)
    {
        MemoryBlockDevice file = new(0);
        await file.SetLengthAsync(image.Length, Token);
        await file.WriteAsync(0, image, Token);
        return file;
    }

    private static ValueTask<VirtualDisk> OpenAsync(MemoryBlockDevice file, bool writable) =>
        VirtualDisk.OpenAsync(
            file, new VirtualDiskOptions { CanWrite = writable, LeaveOpen = true }, Token);

    private static Span<byte> Entry(byte[] image, int block) =>
        image.AsSpan(VhdSurgery.TableOffset + (4 * block), 4);

    private static long BlockOffset(byte[] image, int block) =>
        512L * BinaryPrimitives.ReadUInt32BigEndian(Entry(image, block));
}
