using VMSeed.Blocks.Codecs;
using VMSeed.Blocks.Images;
using VMSeed.Blocks.Images.Heads;
using VMSeed.Blocks.Images.Packs;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Publishing;
using VMSeed.Blocks.Trust;

namespace VMSeed.Blocks.Tests;

/// <summary>A publisher that lies, and one that tidies up under its readers.</summary>
public sealed class LazyDiskLiesTests
{
    private const int Length = (20 * ServedImage.BlockSize) + 100;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Another_plain_digest_than_the_frame_has_is_never_read()
    {
        await using ServedImage image = await LieAsync(table => table.Blocks[2] =
            table.Blocks[2] with { Digest = Digest.Of("anything else"u8) });
        await using LazyDisk disk = await image.OpenAsync();
        await CorruptAsync(image, disk, 2, "another block than the index says");
        await image.CheckAsync(disk, 3 * ServedImage.BlockSize, 1_000_000);
        await image.CheckAsync(disk, 0, 2 * ServedImage.BlockSize);
    }

    [Fact]
    public async Task A_frame_that_does_not_decode_is_an_error_with_a_name()
    {
        await using ServedImage image = await LieAsync(table => table.Frames[2] =
            table.Frames[2] with { Codec = FrameCodec.Zstd });
        await using LazyDisk disk = await image.OpenAsync();
        await CorruptAsync(image, disk, 2, "cannot be decoded");
        await image.CheckAsync(disk, 3 * ServedImage.BlockSize, 1_000_000);
    }

    [Fact]
    public async Task Frames_that_overlap_are_errors_with_names()
    {
        await using ServedImage image = await LieAsync(table =>
        {
            table.Frames[3] = table.Frames[3] with { Offset = table.Frames[2].Offset + 10 };
            table.Frames[5] = table.Frames[5] with
            {
                Offset = table.Frames[4].Offset,
                StoredLength = 1000,
                PlainLength = ServedImage.BlockSize,
            };
        });
        await using LazyDisk disk = await image.OpenAsync();
        BlockIOException failure = await image.FailAsync(disk, 0, Length);
        Assert.Equal(FailureReason.Corrupt, failure.Reason);
        await CorruptAsync(image, disk, 3, "does not match the index");
        await CorruptAsync(image, disk, 5, "does not match the index");
        await image.CheckAsync(disk, 2 * ServedImage.BlockSize, ServedImage.BlockSize);
        await image.CheckAsync(disk, 4 * ServedImage.BlockSize, ServedImage.BlockSize);
        await image.CheckAsync(disk, 6 * ServedImage.BlockSize, ServedImage.BlockSize);
    }

    [Fact]
    public async Task One_digest_for_blocks_of_two_lengths_gives_neither_reader_the_others_bytes()
    {
        await using ServedImage image = await LieAsync(table => table.Blocks[20] =
            table.Blocks[20] with { Digest = table.Blocks[0].Digest });
        await using LazyDisk disk = await image.OpenAsync();
        Task good = image.CheckAsync(disk, 0, ServedImage.BlockSize);
        await CorruptAsync(image, disk, 20, "another block than the index says");
        await good;
    }

    [Fact]
    public async Task A_page_in_the_place_of_another_is_an_error_with_a_name()
    {
        await using ServedImage image = await ServedImage.CreateAsync(4 << 20, fanout: 16);
        ImageHead head = ReadHead(image);
        var geometry = new ImageGeometry(head.Disk.Length, head.Disk.BlockSize, 16);
        ChildRecord[] children =
            IndexPage.ReadBranch(Envelope.Open(head.Index.Inline), geometry, 1, 0);
        children[1] = children[2];
        WriteHead(image, head, IndexPage.WriteBranch(1, 0, children));
        await using LazyDisk disk = await image.OpenAsync();
        BlockIOException failure = await Assert.ThrowsAsync<BlockIOException>(
            () => image.CheckAsync(disk, 16 * ServedImage.BlockSize, 10));
        Assert.Equal(FailureReason.Corrupt, failure.Reason);
        Assert.False(failure.CanRetry);
        Assert.Contains(failure.ObjectName!, failure.Message, StringComparison.Ordinal);
        await image.CheckAsync(disk, 32 * ServedImage.BlockSize, 1_000_000);
    }

    [Fact]
    public async Task A_collector_beside_readers_takes_nothing_that_they_read()
    {
        await using ServedImage image = await ServedImage.CreateAsync(fanout: 16);
        await using LazyDisk disk = await image.OpenAsync();
        await image.CheckAsync(disk, 0, 1_000_000);
        byte[] old = image.Content;
        await image.PublishAsync(1_000_000, seed: 5);
        await GarbageCollector.CollectAsync(
            image.Repository.Root, cancellationToken: Token);
        byte[] buffer = new byte[old.Length];
        await disk.ReadAsync(0, buffer, Token);
        Assert.True(old.AsSpan().SequenceEqual(buffer));
    }

    [Fact]
    public async Task A_disk_older_than_a_collector_keeps_is_missing_and_says_so()
    {
        await using ServedImage image = await ServedImage.CreateAsync();
        await using LazyDisk disk = await image.OpenAsync();
        await image.PublishAsync(1_000_000, seed: 5);
        await GarbageCollector.CollectAsync(
            image.Repository.Root,
            new CollectOptions
            {
                KeepVersions = 1,
                KeepHeadsFor = TimeSpan.Zero,
                KeepObjectsFor = TimeSpan.Zero,
            },
            cancellationToken: Token);
        BlockIOException failure = await Assert.ThrowsAsync<BlockIOException>(
            async () => await disk.ReadAsync(2_000_000, new byte[10], Token));
        Assert.Equal(FailureReason.Missing, failure.Reason);
        Assert.False(failure.CanRetry);
    }

    private static async Task CorruptAsync(
        ServedImage image, LazyDisk disk, int block, string fact)
    {
        BlockIOException failure = await image.FailAsync(disk, block * ServedImage.BlockSize, 10);
        Assert.Equal(FailureReason.Corrupt, failure.Reason);
        Assert.Equal(image.Objects("VMSP").Single(), failure.ObjectName);
        Assert.Contains(fact, failure.Message, StringComparison.Ordinal);
    }

    // An image whose only leaf, which its head carries, says what the lie wants.
    private static async Task<ServedImage> LieAsync(Action<FrameTable> lie)
    {
        ServedImage image = await ServedImage.CreateAsync(Length);
        ImageHead head = ReadHead(image);
        var geometry = new ImageGeometry(
            head.Disk.Length, head.Disk.BlockSize, head.Index.Fanout);
        FrameTable table = IndexPage.ReadLeaf(Envelope.Open(head.Index.Inline), geometry, 0);
        lie(table);
        WriteHead(image, head, IndexPage.WriteLeaf(0, table));
        return image;
    }

    private static ImageHead ReadHead(ServedImage image)
    {
        byte[] file = File.ReadAllBytes(HeadFile(image));
        return HeadJson.Read(SignedText.Split(file, "head").Body.Span);
    }

    private static void WriteHead(ServedImage image, ImageHead head, byte[] page)
    {
        using var encoder = new FrameEncoder(FrameCodec.None, 0);
        byte[] root = Envelope.Seal(page, encoder);
        head = head with
        {
            Index = head.Index with
            {
                Digest = Digest.Of(root),
                Length = root.Length,
                Inline = root,
            },
        };
        File.WriteAllBytes(HeadFile(image), SignedText.Compose(HeadJson.Write(head), []));
    }

    private static string HeadFile(ServedImage image) =>
        Path.Join(image.Repository.Root, image.Repository.HeadName);
}
