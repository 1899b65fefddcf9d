using CsCheck;
using VMSeed.Blocks.Devices;
using VMSeed.Disks.Binary;
using VMSeed.Testing;
using VMSeed.Testing.Contracts;
using VMSeed.Testing.Contracts.Disks;
using VMSeed.Testing.Fuzz;

namespace VMSeed.Disks.Tests.Formats.Cloop;

/// <summary>The shapes of cloop images that no tool on Debian makes.</summary>
public sealed class CloopImageTests
{
    private const int BlockSize = 4096;

    private static readonly int[] s_codecs = [CloopFile.Zlib, CloopFile.Plain, CloopFile.Zlib];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Version_4_is_read_with_its_header_at_either_end(bool isLast)
    {
        // 1,200 entries: several pages of the index, at an offset that is no multiple of theirs.
        byte[] content = Pattern.Disk(BlockSize * 1200, 5);
        byte[] file = CloopFile.Version4(content, BlockSize, s_codecs, isLast);
        await using VirtualDisk disk = await OpenAsync(file);
        Assert.Equal(isLast ? "V4.0, header last" : "V4.0", disk.Info.Variant);
        await ContentAssert.HoldsAsync(disk, content);
        Assert.True((await disk.CheckAsync(cancellationToken: Token)).IsClean);
    }

    [Theory]
    [InlineData("V2.0")]
    [InlineData("v2.0")]
    [InlineData("Z4.0")]
    [InlineData("z4.0")]
    public Task Zeros_and_references_of_mkuzip_are_told_apart(string version) =>
        Gen.Int[0, 4].Array[0, 40].SampleAsync(
            async kinds =>
            {
                // Few kinds of blocks, so that equal ones meet in every order; kind 0 is zeros.
                byte[] content = [.. kinds.SelectMany(
                    kind => kind == 0 ? new byte[BlockSize] : Pattern.Text(BlockSize, kind))];
                await using VirtualDisk disk = await OpenAsync(
                    CloopFile.Mkuzip(content, BlockSize, version));
                await ContentAssert.HoldsAsync(disk, content);
                if (content.Length > 0)
                {
                    await MapContract.CheckAsync(disk, content, 0, content.Length, Token);
                }
            },
            iter: 100,
            threads: 1,
            seed: "0000KTKrjMgf");

    [Fact]
    public async Task A_terabyte_of_zeros_is_mapped_a_page_of_the_index_at_a_time()
    {
        const int Count = 1 << 20;
        byte[] file = new byte[136 + (8 * (Count + 1))];
        CloopFile.Header("V2.0", 1 << 20, Count).CopyTo(file, 0);
        for (int i = 136; i < file.Length; i += 8)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(
                file.AsSpan(i), file.Length);
        }

        await using VirtualDisk disk = await OpenAsync(file);
        int questions = 0;
        for (long at = 0; at < disk.Length; questions++)
        {
            at += (await disk.MapAsync(at, disk.Length - at, Token)).Length;
        }

        Assert.InRange(questions, 1, (file.Length / 4096) + 2);
    }

    [Theory]
    [InlineData("V1.0")]
    [InlineData("L3.0")]
    [InlineData("l3.0")]
    public async Task Other_versions_are_named_and_refused(string version)
    {
        DiskFormatException refusal = await Assert.ThrowsAsync<DiskFormatException>(
            async () => await OpenAsync(CloopFile.Header(version, BlockSize, 0)));
        Assert.Equal(DiskFault.Unsupported, refusal.Fault);
        Assert.Contains(version, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_oldest_version_is_known_and_refused()
    {
        byte[] file = new byte[4096];
        "#!/bin/sh\ninsmod cloop.o file=$0 && mount\n"u8.CopyTo(file);
        DiskFormatException refusal = await Assert.ThrowsAsync<DiskFormatException>(
            async () => await OpenAsync(file));
        Assert.Equal(DiskFault.Unsupported, refusal.Fault);
    }

    [Theory]
    [InlineData(2, "xz")]
    [InlineData(3, "lz4")]
    [InlineData(4, "lzo1x")]
    [InlineData(9, "number 9")]
    public async Task A_block_of_another_codec_is_refused_by_name_and_others_are_read(
        int codec, string name)
    {
        byte[] content = Pattern.Text(BlockSize * 2, 7);
        byte[] file = CloopFile.Version4(
            content, BlockSize, [CloopFile.Zlib, codec], isLast: false);
        await using VirtualDisk disk = await OpenAsync(file);
        byte[] buffer = new byte[BlockSize];
        await disk.ReadAsync(0, buffer, Token);
        ContentAssert.Same(content.AsMemory(0, BlockSize), buffer);
        DiskFormatException refusal = await Assert.ThrowsAsync<DiskFormatException>(
            async () => await disk.ReadAsync(BlockSize, buffer, Token));
        Assert.Equal(DiskFault.Unsupported, refusal.Fault);
        Assert.Contains(name, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_block_that_does_not_unpack_is_an_error_of_its_own_reads_and_of_the_check()
    {
        byte[] content = Pattern.Text(BlockSize * 3, 8);
        byte[] file = CloopFile.Mkuzip(content, BlockSize, "V2.0");
        file[136 + 32 + 700] ^= 0x10;
        await using VirtualDisk disk = await OpenAsync(file);
        DiskFormatException refusal = await Assert.ThrowsAsync<DiskFormatException>(
            async () => await disk.ReadAsync(0, new byte[1], Token));
        Assert.Equal(DiskFault.Corrupt, refusal.Fault);
        byte[] rest = new byte[2 * BlockSize];
        await disk.ReadAsync(BlockSize, rest, Token);
        ContentAssert.Same(content.AsMemory(BlockSize), rest);
        Assert.Equal(1, (await disk.CheckAsync(cancellationToken: Token)).ErrorCount);
    }

    [Fact]
    public async Task A_block_is_unpacked_once_for_reads_of_its_neighbours_and_allocates_no_more()
    {
        byte[] content = Pattern.Text(BlockSize * 16, 9);
        await using VirtualDisk disk = await OpenAsync(
            CloopFile.Mkuzip(content, BlockSize, "V2.0"));
        await ContentAssert.HoldsAsync(disk, content);
        byte[] buffer = new byte[512];
        Random random = new(1);
        Assert.Equal(
            0,
            Allocations.Measure(
                () => disk.ReadAsync(random.Next(content.Length - 512), buffer)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Damaged_images_end_with_bytes_or_a_typed_error(int shape)
    {
        byte[] content = Pattern.Disk(BlockSize * 30, 10);
        byte[] file = shape switch
        {
            0 => CloopFile.Version4(content, BlockSize, s_codecs, isLast: false),
            1 => CloopFile.Version4(content, BlockSize, s_codecs, isLast: true),
            2 => CloopFile.Mkuzip(content, BlockSize, "v2.0"),
            _ => CloopFile.Mkuzip(content, BlockSize, "z4.0"),
        };
        FuzzOutcome outcome = await HostileImages.TryAsync(
            file,
            async device => await VirtualDisk.OpenAsync(
                device, new VirtualDiskOptions { Format = DiskFormat.Cloop }),
            error => error is DiskFormatException,
            seed: 1,
            count: 300,
            regions: shape == 1 ? ^500.. : ..500);
        Assert.True(outcome.Opened > 0 && outcome.Refused > 0, outcome.ToString());
    }

    private static ValueTask<VirtualDisk> OpenAsync(byte[] file) =>
        VirtualDisk.OpenAsync(new MemoryBlockDevice(file), cancellationToken: Token);
}
