using System.Globalization;
using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Overlay;
using VMSeed.Blocks.Primitives;
using VMSeed.Testing;
using VMSeed.Testing.Contracts;
using VMSeed.Testing.Devices;
using VMSeed.Testing.Peers;

namespace VMSeed.Blocks.Tests.Overlay;

public sealed class OverlayDiskTests
{
    private const int Length = (1 << 20) + 777;

    private readonly byte[] _content = Pattern.Disk(Length, 5);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whole_blocks_are_written_and_zeroed_without_a_read_of_the_base()
    {
        using TempFolder folder = new();
        await using WatchedBase watched = new(_content);
        await using OverlayDisk disk = await OverlayDisk.OpenAsync(
            watched, folder["overlay"], cancellationToken: Token);
        int opened = watched.Reads;
        await disk.WriteAsync(8192, Pattern.Random(3 * 4096, 1), Token);
        await disk.ZeroAsync(65536, 16 * 4096, Token);
        await disk.TrimAsync(4096 * 50, 4096 * 2, Token);

        // The last block of the disk is short, and whole all the same.
        await disk.WriteAsync(Length / 4096 * 4096, new byte[Length % 4096], Token);
        byte[] own = new byte[3 * 4096];
        await disk.ReadAsync(8192, own, Token);
        Assert.Equal(Pattern.Random(3 * 4096, 1), own);
        Assert.Equal(opened, watched.Reads);
    }

    [Fact]
    public async Task A_part_of_a_block_reads_its_rest_once()
    {
        using TempFolder folder = new();
        await using WatchedBase watched = new(_content);
        await using OverlayDisk disk = await OverlayDisk.OpenAsync(
            watched, folder["overlay"], cancellationToken: Token);
        int opened = watched.Reads;
        await disk.WriteAsync(5000, new byte[] { 1, 2, 3 }, Token);
        Assert.InRange(watched.Reads - opened, 1, 2);
        int once = watched.Reads;
        await disk.WriteAsync(5100, new byte[] { 4 }, Token);
        Assert.Equal(once, watched.Reads);
        byte[] block = new byte[4096];
        await disk.ReadAsync(4096, block, Token);
        byte[] expected = _content[4096..8192];
        (expected[904], expected[905], expected[906], expected[1004]) = (1, 2, 3, 4);
        Assert.Equal(expected, block);
    }

    [Fact]
    public async Task What_was_written_is_there_after_a_reopening_and_the_base_is_as_it_was()
    {
        using TempFolder folder = new();
        await using MemoryBlockDevice source = new(_content);
        byte[] expected = (byte[])_content.Clone();
        for (int round = 0; round < 3; round++)
        {
            await using OverlayDisk disk = source.WithOverlay(folder["overlay"]);
            Pattern.Random(10_000, round).CopyTo(expected, 30_000 * round);
            await using Stream stream = disk.AsStream();
            stream.Position = 30_000 * round;
            await stream.WriteAsync(Pattern.Random(10_000, round), Token);
        }

        await using OverlayDisk again = source.WithOverlay(
            folder["overlay"], new OverlayOptions { ReadOnly = true });
        byte[] found = new byte[Length];
        await again.ReadAsync(0, found, Token);
        Assert.Equal(expected, found);
        await MapContract.CheckAsync(again, expected, 0, Length, Token);
        byte[] below = new byte[Length];
        await source.ReadAsync(0, below, Token);
        Assert.Equal(_content, below);
    }

    [Fact]
    public async Task Another_base_is_refused_and_both_are_named()
    {
        using TempFolder folder = new();
        await using (MemoryBlockDevice source = new(_content))
        {
            await (await OverlayDisk.OpenAsync(source, folder["o"], cancellationToken: Token))
                .DisposeAsync();
        }

        await using MemoryBlockDevice other = new(Pattern.Disk(Length, 6));
        BlockIOException refused = await Assert.ThrowsAsync<BlockIOException>(
            () => OverlayDisk.OpenAsync(other, folder["o"], cancellationToken: Token));
        Assert.Equal(FailureReason.Refused, refused.Reason);
        Assert.Contains(folder["o"], refused.Message, StringComparison.Ordinal);
        await using MemoryBlockDevice longer = new([.. _content, 0]);
        await Assert.ThrowsAsync<BlockIOException>(
            () => OverlayDisk.OpenAsync(longer, folder["o"], cancellationToken: Token));
    }

    [Fact]
    public async Task While_one_writes_nobody_else_opens_it_and_its_info_is_told_all_the_same()
    {
        using TempFolder folder = new();
        await using MemoryBlockDevice source = new(_content);
        await using OverlayDisk disk = await OverlayDisk.OpenAsync(
            source, folder["o"], cancellationToken: Token);
        await disk.WriteAsync(0, new byte[8192], Token);
        await disk.ZeroAsync(40960, 4096, Token);
        await disk.FlushAsync(Token);
        IOException busy = await Assert.ThrowsAnyAsync<IOException>(
            () => OverlayDisk.OpenAsync(source, folder["o"], cancellationToken: Token));
        Assert.Contains("in use", busy.Message, StringComparison.Ordinal);
        OverlayInfo info = await OverlayDisk.ReadInfoAsync(folder["o"], Token);
        Assert.Equal((Length, 8192, 4096), (info.Length, info.DataLength, info.ZeroLength));
        Assert.Equal(
            [
                new Extent(0, 8192, ExtentKind.Data),
                new Extent(40960, 4096, ExtentKind.Zero),
            ],
            await disk.ChangesAsync(Token).ToListAsync(Token));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_many_who_make_it_at_once_one_has_it_and_keeps_it(bool isThere)
    {
        for (int round = 0; round < 20; round++)
        {
            using TempFolder folder = new();
            await using MemoryBlockDevice source = new(_content);
            if (isThere)
            {
                await File.WriteAllBytesAsync(folder["o"], [], Token);
            }

            OverlayDisk?[] opened = await Task.WhenAll(
                Enumerable.Range(0, 8)
                    .Select(_ => Task.Run(() => TryOpenAsync(source, folder["o"]))));
            OverlayDisk winner = Assert.Single(opened.OfType<OverlayDisk>());
            await winner.WriteAsync(0, Pattern.Random(4096, round), Token);
            await winner.DisposeAsync();
            Assert.Equal([folder["o"]], Directory.GetFiles(folder.Root));
            await using OverlayDisk again = source.WithOverlay(folder["o"]);
            byte[] found = new byte[4096];
            await again.ReadAsync(0, found, Token);
            Assert.Equal(Pattern.Random(4096, round), found);
        }
    }

    [Fact]
    public async Task A_longer_disk_reads_as_zeros_behind_its_base()
    {
        using TempFolder folder = new();
        await using MemoryBlockDevice source = new(_content);
        OverlayOptions options = new() { Length = 3 << 20, BaseAddress = "/srv/base.raw" };
        await using OverlayDisk disk = source.WithOverlay(folder["o"], options);
        byte[] found = new byte[3 << 20];
        found.AsSpan().Fill(1);
        await disk.ReadAsync(0, found, Token);
        byte[] expected = new byte[3 << 20];
        _content.CopyTo(expected, 0);
        Assert.Equal(expected, found);
        await disk.WriteAsync(Length - 1, new byte[] { 7, 8 }, Token);
        expected[Length - 1] = 7;
        expected[Length] = 8;
        await disk.ReadAsync(0, found, Token);
        Assert.Equal(expected, found);
        await MapContract.CheckAsync(disk, expected, 0, expected.Length, Token);
        OverlayInfo info = await OverlayDisk.ReadInfoAsync(folder["o"], Token);
        Assert.Equal("/srv/base.raw", info.Base.Address);
    }

    [Fact]
    public async Task The_file_takes_the_room_of_what_was_written_however_long_the_disk_is()
    {
        using TempFolder folder = new();
        await using MemoryBlockDevice source = new(_content);
        OverlayOptions options = new() { Length = 1L << 40, MapCacheSize = 64 * 1024 };
        await using OverlayDisk disk = source.WithOverlay(folder["o"], options);
        byte[] block = new byte[4096];
        for (int i = 0; i < 400; i++)
        {
            await disk.WriteAsync(PlaceOf(i), Pattern.Random(4096, i), Token);
            Assert.InRange(disk.MapPagesInMemory, 1, 16);
        }

        for (int i = 0; i < 400; i++)
        {
            await disk.ReadAsync(PlaceOf(i), block, Token);
            Assert.Equal(Pattern.Random(4096, i), block);
            Assert.InRange(disk.MapPagesInMemory, 1, 16);
        }

        await disk.FlushAsync(Token);
        OverlayInfo info = await OverlayDisk.ReadInfoAsync(folder["o"], Token);
        Assert.Equal(400 * 4096, info.DataLength);
        Assert.InRange(await OccupiedByAsync(folder["o"]), 400 * 4096, 8 << 20);

        // Each in a page of the map of its own.
        static long PlaceOf(int i) => (1L << 40) / 400 * i / 4096 * 4096;
    }

    [Fact]
    public async Task Reads_and_writes_of_what_the_overlay_has_allocate_nothing()
    {
        using TempFolder folder = new();
        await using MemoryBlockDevice source = new(_content);
        await using OverlayDisk disk = source.WithOverlay(folder["o"]);
        byte[] buffer = new byte[4096];
        await disk.WriteAsync(0, new byte[Length / 2], Token);
        Random random = new(3);
        Assert.Equal(
            0,
            Allocations.Measure(
                () => disk.ReadAsync(random.Next(Length - buffer.Length), buffer)));
        Assert.Equal(
            0, Allocations.Measure(() => disk.Read(random.Next(Length - 4096), buffer)));
    }

    [Fact]
    public async Task A_flush_that_fails_ends_all_flushes_and_keeps_what_was_flushed()
    {
        PowerCutDevice file = new(0);
        await using MemoryBlockDevice source = new(_content);
        OverlayDisk disk = await OverlayDisk.OpenAsync(source, file, new OverlayOptions());
        await disk.WriteAsync(0, Pattern.Random(4096, 1), Token);
        await disk.FlushAsync(Token);
        await disk.WriteAsync(4096, Pattern.Random(4096, 2), Token);
        file.Failure = new IOException("No space left on device.");
        await Assert.ThrowsAsync<IOException>(async () => await disk.FlushAsync(Token));
        file.Failure = null;
        IOException later = await Assert.ThrowsAsync<IOException>(
            async () => await disk.FlushAsync(Token));
        Assert.Contains("earlier flush", later.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<IOException>(async () => await disk.DisposeAsync());

        await using OverlayDisk again =
            await OverlayDisk.OpenAsync(source, file, new OverlayOptions());
        byte[] found = new byte[8192];
        await again.ReadAsync(0, found, Token);
        Assert.Equal([.. Pattern.Random(4096, 1), .. _content[4096..8192]], found);
    }

    private static async Task<OverlayDisk?> TryOpenAsync(BlockDevice source, string path)
    {
        try
        {
            return await OverlayDisk.OpenAsync(source, path, cancellationToken: Token);
        }
        catch (IOException busy)
        {
            Assert.Contains("in use", busy.Message, StringComparison.Ordinal);
            return null;
        }
    }

    // stat(1) of the coreutils knows; .NET does not.
    private static async Task<long> OccupiedByAsync(string path) => 512 * long.Parse(
        await PeerProgram.OutputAsync("stat", "-c", "%b", path), CultureInfo.InvariantCulture);
}
