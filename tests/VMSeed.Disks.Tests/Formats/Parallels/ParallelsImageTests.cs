using System.Buffers.Binary;
using System.Text;
using VMSeed.Blocks.Devices;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Testing;
using VMSeed.Testing.Contracts.Disks;
using VMSeed.Testing.Devices;
using VMSeed.Testing.Fuzz;

namespace VMSeed.Disks.Tests.Formats.Parallels;

/// <summary>What real products leave in an image, and what nobody should.</summary>
public sealed class ParallelsImageTests
{
    private const int Cluster = 4096;
    private const int InUse = 44;
    private const int ExtensionOffset = 56;
    private const int Table = 64;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("pd17", false)]
    [InlineData("pd22", false)]
    [InlineData("v2.1", false)]
    [InlineData("\0\0\0\0", false)]
    [InlineData("Ynot", true)]
    public async Task Only_Ynot_is_unclean(string mark, bool isUnclean)
    {
        byte[] image = await MakeAsync(3);
        for (int i = 0; i < 4; i++)
        {
            image[InUse + i] = (byte)mark[i];
        }

        await using VirtualDisk disk = await OpenAsync(image);
        Assert.Equal(isUnclean, disk.Info.IsUnclean);
        Assert.Equal(!isUnclean, (await disk.CheckAsync(cancellationToken: Token)).IsClean);
    }

    [Fact]
    public async Task Bitmaps_are_dropped_before_the_first_write_and_kept_by_a_reader()
    {
        byte[] image = await MakeAsync(3);
        image[ExtensionOffset] = 77;
        MemoryBlockDevice file = new(image);
        await using (VirtualDisk disk = await OpenAsync(file, canWrite: true))
        {
            Assert.Equal(77, (await HeadAsync(file))[ExtensionOffset]);
            await disk.WriteAsync(0, new byte[] { 1 }, Token);
            byte[] head = await HeadAsync(file);
            Assert.Equal(0, head[ExtensionOffset]);
            Assert.Equal("Ynot", Encoding.ASCII.GetString(head, InUse, 4));
        }

        Assert.Equal("v2.1", Encoding.ASCII.GetString(await HeadAsync(file), InUse, 4));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Clusters_that_overlap_or_lie_outside_are_found_and_mended(bool isUnclean)
    {
        byte[] content = Pattern.Random(Cluster * 4, 1);
        MemoryBlockDevice file = new(await MakeAsync(4, content));
        byte[] head = await HeadAsync(file);
        uint first = BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(Table));
        await PutAsync(file, Table + 4, first); // Block 1 is where block 0 is.
        await PutAsync(file, Table + 12, 1 << 30); // Block 3 is nowhere.
        byte[] expected =
        [
            .. content[..Cluster], .. content[..Cluster], .. content[(2 * Cluster)..(3 * Cluster)],
            .. new byte[Cluster],
        ];
        await using (VirtualDisk reader = await OpenAsync(file, canWrite: false))
        {
            CheckReport found = await reader.CheckAsync(cancellationToken: Token);
            Assert.Equal(2, found.ErrorCount);
            Assert.Equal(0, found.RepairedCount);
        }

        if (isUnclean)
        {
            await file.WriteAsync(InUse, "Ynot"u8.ToArray(), Token);
        }

        await using (VirtualDisk disk = await OpenAsync(file, canWrite: true))
        {
            if (!isUnclean)
            {
                DiskFormatException refusal = await Assert.ThrowsAsync<DiskFormatException>(
                    async () => await disk.WriteAsync(0, new byte[1], Token));
                Assert.Equal(DiskFault.Corrupt, refusal.Fault);
                CheckReport report = await disk.CheckAsync(repair: true, null, Token);
                Assert.True(report.IsClean, string.Join(' ', report.Errors));
                Assert.Equal(2, report.ErrorCount);
            }

            await ContentAssert.HoldsAsync(disk, expected);
            await disk.WriteAsync(0, new byte[Cluster], Token);
            expected.AsSpan(0, Cluster).Clear();
            await ContentAssert.HoldsAsync(disk, expected);
        }

        await using VirtualDisk again = await OpenAsync(file, canWrite: false);
        Assert.False(again.Info.IsUnclean);
        Assert.True((await again.CheckAsync(cancellationToken: Token)).IsClean);
        await ContentAssert.HoldsAsync(again, expected);
    }

    [Fact]
    public async Task Old_images_of_63_sectors_and_without_a_data_offset_are_read_and_written()
    {
        const int Old = 63 * 512;
        byte[] content = Pattern.Random(3 * Old, 2);
        byte[] image = new byte[512 + (2 * Old)];
        "WithoutFreeSpace"u8.CopyTo(image);
        uint[] fields = [2, 16, 1, 63, 3, 3 * 63, 0xFFFF_FFFF, 0, 0, 0, 0, 0];
        for (int i = 0; i < fields.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(16 + (4 * i)), fields[i]);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(Table), 64);
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(Table + 8), 1);
        content.AsSpan(0, Old).CopyTo(image.AsSpan(512 + Old));
        content.AsSpan(2 * Old, Old).CopyTo(image.AsSpan(512));
        MemoryBlockDevice file = new(image);
        await using (VirtualDisk disk = await OpenAsync(file, canWrite: true))
        {
            Assert.Equal(Old, disk.Info.BlockSize);
            byte[] expected = [.. content];
            expected.AsSpan(Old, Old).Clear();
            await ContentAssert.HoldsAsync(disk, expected);
            await disk.WriteAsync(Old, content.AsMemory(Old, Old), Token);
            await ContentAssert.HoldsAsync(disk, content);
        }

        await using VirtualDisk again = await OpenAsync(file, canWrite: false);
        await ContentAssert.HoldsAsync(again, content);
        Assert.True((await again.CheckAsync(cancellationToken: Token)).IsClean);
    }

    [Fact]
    public async Task A_disk_grows_up_to_the_room_of_its_table_and_says_where_that_ends()
    {
        MemoryBlockDevice file = new(0);
        await using VirtualDisk disk = await VirtualDisk.CreateAsync(file, Options(4), Token);
        int most = (Cluster - Table) / 4;
        await disk.SetLengthAsync((long)most * Cluster, Token);
        Assert.Equal((long)most * Cluster, disk.Length);
        DiskFormatException refusal = await Assert.ThrowsAsync<DiskFormatException>(
            async () => await disk.SetLengthAsync((most + 1L) * Cluster, Token));
        Assert.Equal(DiskFault.Full, refusal.Fault);
        await Assert.ThrowsAsync<NotSupportedException>(
            async () => await disk.SetLengthAsync(Cluster, Token));
    }

    [Fact]
    public async Task What_is_trimmed_at_the_end_makes_the_file_smaller()
    {
        MemoryBlockDevice file = new(await MakeAsync(40, Pattern.Random(40 * Cluster, 3)));
        long before = file.Length;
        await using (VirtualDisk disk = await OpenAsync(file, canWrite: true))
        {
            await disk.TrimAsync(20 * Cluster, 20 * Cluster, Token);
        }

        Assert.Equal(before - (20 * Cluster), file.Length);
    }

    [Theory]
    [InlineData("v1", 1L << 40)]
    [InlineData("v2", 16L << 40)]
    public async Task Empty_terabytes_are_mapped_a_page_of_the_table_at_a_time(
        string variant, long length)
    {
        MemoryBlockDevice file = new(0);
        await using VirtualDisk disk = await VirtualDisk.CreateAsync(
            file,
            new VirtualDiskCreateOptions
            {
                Format = DiskFormat.Parallels,
                Variant = variant,
                Length = length,
            },
            Token);
        long questions = 0;
        for (long at = 0; at < length; questions++)
        {
            at += (await disk.MapAsync(at, length - at, Token)).Length;
        }

        Assert.InRange(questions, 1, (length >> 20 >> 10) + 1);
    }

    [Fact]
    public async Task The_version_is_1_as_long_as_its_entries_reach()
    {
        await using VirtualDisk small = await VirtualDisk.CreateAsync(
            new MemoryBlockDevice(0),
            Options(1) with { Length = 1L << 40, BlockSize = null },
            Token);
        Assert.Equal("v1", small.Info.Variant);
        await using VirtualDisk large = await VirtualDisk.CreateAsync(
            new MemoryBlockDevice(0),
            Options(1) with { Length = 2L << 40, BlockSize = null },
            Token);
        Assert.Equal("v2", large.Info.Variant);
        await Assert.ThrowsAsync<DiskFormatException>(async () => await VirtualDisk.CreateAsync(
            new MemoryBlockDevice(0),
            Options(1) with { Length = 2L << 40, Variant = "v1" },
            Token));
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    public async Task Damaged_images_end_with_bytes_or_a_typed_error(string variant)
    {
        byte[] image = await MakeAsync(60, Pattern.Disk(60 * Cluster, 4), variant);
        foreach (bool canWrite in new[] { false, true })
        {
            FuzzOutcome outcome = await HostileImages.TryAsync(
                image,
                async device => await VirtualDisk.OpenAsync(
                    device,
                    new VirtualDiskOptions { Format = DiskFormat.Parallels, CanWrite = canWrite }),
                error => error is DiskFormatException,
                seed: 1,
                count: 200,
                regions: ..512);
            Assert.True(outcome.Opened > 0 && outcome.Refused > 0, outcome.ToString());
        }
    }

    private static VirtualDiskCreateOptions Options(int clusters) => new()
    {
        Format = DiskFormat.Parallels,
        Length = clusters * Cluster,
        BlockSize = Cluster,
    };

    private static async Task<byte[]> MakeAsync(
        int clusters, byte[]? content = null, string? variant = null)
    {
        PowerCutDevice file = new(0); // Outlives the disk that closes it.
        await using (VirtualDisk disk = await VirtualDisk.CreateAsync(
            file, Options(clusters) with { Variant = variant }, Token))
        {
            await disk.WriteAsync(0, content ?? Pattern.Random(Cluster, 9), Token);
        }

        return await ContentAssert.ReadAsync(file);
    }

    private static ValueTask<VirtualDisk> OpenAsync(byte[] image) =>
        OpenAsync(new MemoryBlockDevice(image), canWrite: false);

    private static ValueTask<VirtualDisk> OpenAsync(MemoryBlockDevice file, bool canWrite) =>
        VirtualDisk.OpenAsync(
            file, new VirtualDiskOptions { CanWrite = canWrite, LeaveOpen = true }, Token);

    private static async Task<byte[]> HeadAsync(MemoryBlockDevice file)
    {
        byte[] head = new byte[512];
        await file.ReadAsync(0, head, Token);
        return head;
    }

    private static async Task PutAsync(MemoryBlockDevice file, int at, uint value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        await file.WriteAsync(at, bytes, Token);
    }
}
