using VMSeed.Blocks.Codecs;
using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Publishing;
using VMSeed.Testing;

namespace VMSeed.Blocks.Tests.Publishing;

public sealed class ImagePublisherTests
{
    private static readonly CancellationToken _token = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, 4096)]
    [InlineData(1, 4096)]
    [InlineData(4095, 4096)]
    [InlineData(4096, 4096)]
    [InlineData(3_158_073, 16384)]
    [InlineData(9_000_001, 65536)]
    [InlineData(5_000_000, 1048576)]
    public async Task Publishes_every_byte_of_the_disk(long length, int blockSize)
    {
        using TestRepository repository =
            await TestRepository.CreateAsync(length, blockSize, isSigned: true);
        var image = new PublishedImage(repository.Root, repository.HeadName);
        Assert.Equal(repository.DiskBytes, image.ReadAll());
        Assert.Equal(1, image.Head.Version);
        Assert.Equal(
            (length + blockSize - 1) / blockSize,
            image.Head.Content.DataBlocks + image.Head.Content.ZeroBlocks);
        Assert.Equal(
            File.ReadAllBytes(Path.Join(repository.Root, repository.HeadName)),
            File.ReadAllBytes(Path.Join(repository.Root, "images/disk/1.vmseed")));
    }

    [Theory]
    [InlineData(FrameCodec.None)]
    [InlineData(FrameCodec.Deflate)]
    public async Task Publishes_with_every_codec(FrameCodec codec)
    {
        using TestRepository repository =
            await TestRepository.CreateAsync(adapt: o => o with { Codec = codec });
        var image = new PublishedImage(repository.Root, repository.HeadName);
        Assert.Equal(repository.DiskBytes, image.ReadAll());
    }

    [Fact]
    public async Task Publishing_the_same_again_makes_no_version_unless_forced()
    {
        using TestRepository repository = await TestRepository.CreateAsync(isSigned: true);
        PublishResult again = await repository.PublishAsync();
        Assert.True(again.IsUnchanged);
        Assert.Equal(1, again.Version);
        Assert.Equal(0, again.NewBlocks);
        Assert.Equal(0, again.NewBytes);

        PublishResult forced = await repository.PublishAsync(adapt: o => o with { Force = true });
        Assert.False(forced.IsUnchanged);
        Assert.Equal(2, forced.Version);
    }

    [Fact]
    public async Task The_repository_does_not_depend_on_the_number_of_workers()
    {
        using TestRepository one =
            await TestRepository.CreateAsync(adapt: o => o with { Workers = 1 });
        using TestRepository many =
            await TestRepository.CreateAsync(adapt: o => o with { Workers = 7 });
        Assert.Equal(one.Result.Head.Index.Digest, many.Result.Head.Index.Digest);
    }

    [Fact]
    public async Task A_new_version_stores_only_the_blocks_that_changed()
    {
        using TestRepository repository = await TestRepository.CreateAsync(blockSize: 4096);
        using (FileStream disk = new(repository.DiskPath, FileMode.Open))
        {
            disk.Position = 1_000_000;
            disk.Write("changed"u8);
        }

        PublishResult second = await repository.PublishAsync(blockSize: 4096);
        Assert.Equal(2, second.Version);
        Assert.Equal(1, second.NewBlocks);
        var image = new PublishedImage(repository.Root, repository.HeadName);
        Assert.Equal(repository.DiskBytes, image.ReadAll());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(-1)]
    public async Task A_missing_or_damaged_table_of_blocks_is_built_anew(int damageAt)
    {
        using TestRepository repository = await TestRepository.CreateAsync();
        string table = Path.Join(repository.Root, ".vmseed", "blocks");
        if (damageAt < 0)
        {
            File.Delete(table);
        }
        else
        {
            byte[] bytes = File.ReadAllBytes(table);
            bytes[damageAt] ^= 1;
            File.WriteAllBytes(table, bytes);
        }

        PublishResult again = await repository.PublishAsync(adapt: o => o with { Force = true });
        Assert.Equal(0, again.NewBlocks);
        Assert.Equal(repository.Result.Head.Index.Digest, again.Head.Index.Digest);
    }

    [Fact]
    public async Task A_pack_that_rotted_is_not_used_again_when_the_table_is_rebuilt()
    {
        using TestRepository repository = await TestRepository.CreateAsync();
        string pack = repository.Packs().First();
        byte[] bytes = File.ReadAllBytes(pack);
        bytes[100] ^= 1;
        File.WriteAllBytes(pack, bytes);
        File.Delete(Path.Join(repository.Root, ".vmseed", "blocks"));
        PublishResult again = await repository.PublishAsync(adapt: o => o with { Force = true });
        Assert.NotEqual(0, again.NewBlocks);
        var image = new PublishedImage(repository.Root, repository.HeadName);
        Assert.Equal(repository.DiskBytes, image.ReadAll());
    }

    [Fact]
    public async Task A_sparse_tebibyte_is_packed_without_being_read()
    {
        using var folder = new TempFolder();
        string path = folder["big.raw"];
        await using (FileStream disk = new(path, FileMode.CreateNew))
        {
            disk.SetLength(1L << 40);
            foreach (long offset in new[] { 0, 1L << 33, (1L << 40) - 5 })
            {
                disk.Position = offset;
                disk.Write("data"u8);
            }
        }

        await using var device = FileBlockDevice.Open(path);
        PublishResult result = await ImagePublisher.PublishAsync(
            device,
            new PublishOptions
            {
                RepositoryPath = folder["www"],
                Name = "big",
                AllowUnsigned = true,
            },
            cancellationToken: _token);
        Assert.Equal(3, result.Head.Content.DataBlocks);
        Assert.Equal(1 << 24, result.Head.Content.DataBlocks + result.Head.Content.ZeroBlocks);
        int objects = Directory
            .GetFiles(folder["www/objects"], "*", SearchOption.AllDirectories).Length;
        Assert.Equal(1 + 3 + 2 + 1, objects); // One pack, three leaves, two branches, the root.
    }

    [Fact]
    public async Task A_disk_that_is_written_meanwhile_is_refused()
    {
        using TestRepository repository = await TestRepository.CreateAsync();
        bool written = false;
        var writer = new ReportAtOnce(() =>
        {
            if (!written)
            {
                written = true;
                using FileStream disk = new(
                    repository.DiskPath, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
                disk.WriteByte(77);
            }
        });
        await using var device = FileBlockDevice.Open(
            repository.DiskPath, share: FileShare.ReadWrite);
        IOException fault = await Assert.ThrowsAsync<IOException>(() => ImagePublisher.PublishAsync(
            device, repository.Options() with { Force = true }, writer, _token));
        Assert.Contains("was written while it was packed", fault.Message);
        Assert.Equal(
            1, new PublishedImage(repository.Root, repository.HeadName).Head.Version);
    }

    [Fact]
    public async Task An_unreadable_sector_is_named_and_nothing_is_published()
    {
        using TestRepository repository = await TestRepository.CreateAsync();
        await using var disk = new FaultyDevice(
            FileBlockDevice.Open(repository.DiskPath), 1_234_567);
        IOException fault = await Assert.ThrowsAsync<IOException>(() => ImagePublisher.PublishAsync(
            disk, repository.Options() with { Name = "other" }, cancellationToken: _token));
        Assert.Contains($"at byte {1_234_567 / 4096 * 4096} ", fault.Message);
        Assert.False(File.Exists(Path.Join(repository.Root, "images/other.vmseed")));
        Assert.Empty(Directory.GetFiles(Path.Join(repository.Root, "objects"), ".*"));
    }

    [Fact]
    public async Task What_was_stored_before_a_failure_is_not_compressed_again()
    {
        using TestRepository repository = await TestRepository.CreateAsync(length: 0);
        TestDisk.Write(repository.DiskPath, 60_000_000, seed: 9);
        await using (var disk = new FaultyDevice(
            FileBlockDevice.Open(repository.DiskPath), 55_000_000))
        {
            await Assert.ThrowsAsync<IOException>(() => ImagePublisher.PublishAsync(
                disk, repository.Options(), cancellationToken: _token));
        }

        long packs = repository.Packs().Count();
        Assert.NotEqual(0, packs);
        PublishResult second = await repository.PublishAsync();
        Assert.InRange(second.NewBlocks, 1, second.Head.Content.DataBlocks / 2);
        var image = new PublishedImage(repository.Root, repository.HeadName);
        Assert.Equal(repository.DiskBytes, image.ReadAll());
    }

    [Fact]
    public async Task A_damaged_head_is_told_before_any_work()
    {
        using TestRepository repository = await TestRepository.CreateAsync();
        string head = Path.Join(repository.Root, repository.HeadName);
        File.WriteAllText(head, "{\n");
        InvalidDataException fault =
            await Assert.ThrowsAsync<InvalidDataException>(() => repository.PublishAsync());
        Assert.Contains(head, fault.Message);
    }

    [Fact]
    public async Task Many_publishers_of_one_image_get_versions_of_their_own()
    {
        using TestRepository repository = await TestRepository.CreateAsync();
        PublishResult[] results = await Task.WhenAll(Enumerable.Range(0, 6).Select(
            _ => repository.PublishAsync(adapt: o => o with { Force = true })));
        Assert.Equal([2, 3, 4, 5, 6, 7], results.Select(r => r.Version).Order());
    }

    [Fact]
    public async Task Boot_files_are_objects_that_the_head_names()
    {
        using var folder = new TempFolder();
        string kernel = folder.Write(
            "vmlinuz-6.12+deb13", TestDisk.Noise(new Random(1), 3_000_000));
        using TestRepository repository = await TestRepository.CreateAsync(adapt: o => o with
        {
            BootFiles = [new BootFileSource("kernel", kernel)],
            BootArguments = "root=/dev/vda1 ro",
        });
        Blocks.Images.Heads.BootFile file = Assert.Single(repository.Result.Head.Boot!.Files);
        Assert.Equal("vmlinuz-6.12+deb13", file.Name);
        Assert.Equal(
            File.ReadAllBytes(kernel),
            File.ReadAllBytes(
                Path.Join(repository.Root, Blocks.Images.RepositoryPaths.Object(file.Digest))));
    }

    [Fact]
    public async Task All_faults_of_the_options_are_told_at_once()
    {
        using var folder = new TempFolder();
        await using var disk = FileBlockDevice.Create(folder["disk"], 0);
        ArgumentException fault = await Assert.ThrowsAsync<ArgumentException>(
            () => ImagePublisher.PublishAsync(
                disk,
                new PublishOptions
                {
                    RepositoryPath = "",
                    Name = "a/b",
                    BlockSize = 5000,
                    Fanout = 1,
                    Level = 99,
                    PackLength = 1,
                    Workers = 0,
                    ExpiresAfter = TimeSpan.FromDays(-1),
                },
                cancellationToken: _token));
        foreach (string word in new[]
        {
            "RepositoryPath", "a/b", "Keys", "5000", "Fanout 1", "Level 99", "PackLength 1",
            "Workers 0", "expired",
        })
        {
            Assert.Contains(word, fault.Message);
        }
    }

    private sealed class ReportAtOnce(Action action) : IProgress<PublishProgress>
    {
        public void Report(PublishProgress value) => action();
    }
}
