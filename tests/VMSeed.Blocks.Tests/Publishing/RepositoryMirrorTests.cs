using Microsoft.Extensions.Time.Testing;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Publishing;
using VMSeed.Testing;
using VMSeed.Testing.Servers;

namespace VMSeed.Blocks.Tests.Publishing;

public sealed class RepositoryMirrorTests
{
    private static readonly CancellationToken _token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_folder_comes_over_whole_and_a_second_copy_moves_nothing()
    {
        using TestRepository origin = await MakeVersionsAsync(3);
        using TempFolder mirror = new();
        SyncResult first = await SyncAsync(origin.Root, mirror.Root);
        Assert.Equal([(TestRepository.ImageName, 3L)], first.Images);
        Assert.Equal(first.Objects, first.CopiedObjects);
        Assert.Equal(origin.Objects().Sum(path => new FileInfo(path).Length), first.CopiedBytes);
        Assert.Equal(4, first.NewHeads);
        Assert.Equal(FilesOf(origin.Root), FilesOf(mirror.Root));
        SyncResult second = await SyncAsync(origin.Root, mirror.Root);
        Assert.Equal(0, second.CopiedObjects + second.CopiedBytes + second.NewHeads);
        Assert.Equal(first.Bytes, second.Bytes);
        Assert.Equal(
            origin.DiskBytes, new PublishedImage(mirror.Root, origin.HeadName).ReadAll());
    }

    [Fact]
    public async Task A_new_version_brings_only_what_changed()
    {
        using TestRepository origin = await TestRepository.CreateAsync();
        using TempFolder mirror = new();
        SyncResult first = await SyncAsync(origin.Root, mirror.Root);
        byte[] disk = origin.DiskBytes;
        disk[100_000] ^= 1;
        File.WriteAllBytes(origin.DiskPath, disk);
        await origin.PublishAsync();
        SyncResult second = await SyncAsync(origin.Root, mirror.Root);
        Assert.InRange(second.CopiedBytes, 1, first.CopiedBytes / 10);
        Assert.Equal(2, second.NewHeads);
        Assert.Equal(disk, new PublishedImage(mirror.Root, origin.HeadName).ReadAll());
    }

    [Fact]
    public async Task One_image_of_several_is_enough()
    {
        using TestRepository origin = await TestRepository.CreateAsync();
        await origin.PublishAsync(adapt: options => options with { Name = "other" });
        using TempFolder mirror = new();
        SyncResult one = await SyncAsync(
            origin.Root, mirror.Root, new SyncOptions { Image = "other" });
        Assert.Equal("other", Assert.Single(one.Images).Name);
        Assert.False(File.Exists(Path.Join(mirror.Root, origin.HeadName)));
        Assert.Equal(2, (await SyncAsync(origin.Root, mirror.Root)).Images.Count);
        BlockIOException fault = await Assert.ThrowsAsync<BlockIOException>(() => SyncAsync(
            origin.Root, mirror.Root, new SyncOptions { Image = "third" }));
        Assert.Equal(FailureReason.Missing, fault.Reason);
    }

    [Fact]
    public async Task The_address_of_an_image_on_a_web_server_will_do()
    {
        using TestRepository origin = await TestRepository.CreateAsync(isSigned: true);
        await using FaultServer server = new(origin.Root);
        using TempFolder mirror = new();
        string bare = $"{server.Root}{origin.HeadName}";
        BlockIOException fault =
            await Assert.ThrowsAsync<BlockIOException>(() => SyncAsync(bare, mirror.Root));
        Assert.Equal(FailureReason.Refused, fault.Reason);
        Assert.Empty(Directory.GetFileSystemEntries(mirror.Root));
        SyncResult result = await SyncAsync($"{bare}#{origin.PublicKey}", mirror.Root);
        Assert.Equal(result.Objects, result.CopiedObjects);
        Assert.Equal(FilesOf(origin.Root), FilesOf(mirror.Root));
        int asked = server.Requests.Count;
        await SyncAsync($"{bare}#{origin.PublicKey}", mirror.Root);
        Assert.Equal(asked + 1, server.Requests.Count);
    }

    [Fact]
    public async Task Nothing_is_seen_of_a_copy_that_fails_and_the_next_one_goes_on()
    {
        using TestRepository origin = await TestRepository.CreateAsync(isSigned: true);
        await using FaultServer server = new(origin.Root);
        using TempFolder mirror = new();
        string address = $"{server.Root}{origin.HeadName}#{origin.PublicKey}";
        string last = Path.GetFileName(origin.Packs().Last());
        server.Always($"objects/{last[..2]}/{last}", Fault.FlipBit(100));
        BlockIOException fault =
            await Assert.ThrowsAsync<BlockIOException>(() => SyncAsync(address, mirror.Root));
        Assert.Equal(FailureReason.Corrupt, fault.Reason);
        Assert.Contains(last, fault.Message);
        Assert.Empty(Directory.GetFiles(mirror["images"]));
        Assert.Empty(Directory.GetFiles(mirror["objects"]));
        Assert.False(File.Exists(mirror[$"objects/{last[..2]}/{last}"]));
        server.Always("objects/*", Fault.None);
        SyncResult result = await SyncAsync(address, mirror.Root);
        Assert.InRange(result.CopiedObjects, 1, result.Objects - 1);
        Assert.Equal(FilesOf(origin.Root), FilesOf(mirror.Root));
    }

    [Fact]
    public async Task A_flow_that_breaks_off_goes_on_where_it_broke_off()
    {
        using TestRepository origin = await TestRepository.CreateAsync(
            isSigned: true, adapt: options => options with { PackLength = 1 << 20 });
        await using FaultServer server = new(origin.Root);
        using TempFolder mirror = new();
        string pack = Path.GetFileName(origin.Packs().First());
        server.Next($"objects/{pack[..2]}/{pack}", Fault.CutAfter(600_000));
        SyncResult result = await SyncAsync(
            $"{server.Root}{origin.HeadName}#{origin.PublicKey}", mirror.Root);
        Assert.Equal(result.Objects, result.CopiedObjects);
        Assert.Equal(FilesOf(origin.Root), FilesOf(mirror.Root));
        Assert.Contains(
            server.Requests, request => request.Path.Contains(pack) && request.From == 524_288);
    }

    [Fact]
    public async Task What_rotted_on_the_mirror_is_found_by_hashing_and_mended()
    {
        using TestRepository origin = await TestRepository.CreateAsync();
        using TempFolder mirror = new();
        await SyncAsync(origin.Root, mirror.Root);
        string name = Path.GetRelativePath(origin.Root, origin.Packs().First());
        byte[] bytes = File.ReadAllBytes(mirror[name]);
        bytes[50] ^= 4;
        File.WriteAllBytes(mirror[name], bytes);
        Assert.Equal(0, (await SyncAsync(origin.Root, mirror.Root)).CopiedObjects);
        SyncResult mended = await SyncAsync(
            origin.Root, mirror.Root, new SyncOptions { VerifyPresent = true });
        Assert.Equal(1, mended.CopiedObjects);
        Assert.Equal(FilesOf(origin.Root), FilesOf(mirror.Root));
    }

    [Fact]
    public async Task What_was_cut_short_on_the_mirror_and_damaged_pages_are_mended_at_once()
    {
        using TestRepository origin = await TestRepository.CreateAsync();
        using TempFolder mirror = new();
        await SyncAsync(origin.Root, mirror.Root);
        string pack = Path.GetRelativePath(origin.Root, origin.Packs().First());
        File.WriteAllBytes(mirror[pack], File.ReadAllBytes(mirror[pack])[..^1]);
        string page = Blocks.Images.RepositoryPaths.Object(origin.Result.Head.Index.Digest);
        byte[] bytes = File.ReadAllBytes(mirror[page]);
        bytes[20] ^= 1;
        File.WriteAllBytes(mirror[page], bytes);
        Assert.Equal(2, (await SyncAsync(origin.Root, mirror.Root)).CopiedObjects);
        Assert.Equal(FilesOf(origin.Root), FilesOf(mirror.Root));
    }

    [Fact]
    public async Task A_mirror_never_goes_back()
    {
        using TestRepository origin = await MakeVersionsAsync(2);
        using TempFolder mirror = new();
        await SyncAsync(origin.Root, mirror.Root);
        SortedDictionary<string, string> before = FilesOf(mirror.Root);
        File.Copy(
            Path.Join(origin.Root, "images/disk/1.vmseed"),
            Path.Join(origin.Root, origin.HeadName),
            overwrite: true);
        BlockIOException fault = await Assert.ThrowsAsync<BlockIOException>(
            () => SyncAsync(origin.Root, mirror.Root));
        Assert.Equal(FailureReason.Refused, fault.Reason);
        Assert.Contains("version 1 is lower than 2", fault.Message);
        Assert.Equal(before, FilesOf(mirror.Root));
    }

    [Fact]
    public async Task Deletion_keeps_what_a_collection_keeps_and_what_the_source_has()
    {
        using TestRepository origin = await MakeVersionsAsync(5);
        using TempFolder mirror = new();
        await SyncAsync(origin.Root, mirror.Root);
        CollectOptions later = new()
        {
            TimeProvider = new FakeTimeProvider(
                TimeProvider.System.GetUtcNow() + TimeSpan.FromDays(31)),
        };
        SyncOptions deleting = new() { Collect = later };
        SyncResult all = await SyncAsync(origin.Root, mirror.Root, deleting);
        Assert.Equal(0, all.Collected!.DeletedHeads + all.Collected.DeletedObjects);
        await GarbageCollector.CollectAsync(
            origin.Root, later with { KeepVersions = 1 }, cancellationToken: _token);
        SyncResult kept = await SyncAsync(
            origin.Root,
            mirror.Root,
            new SyncOptions { Collect = later with { TimeProvider = TimeProvider.System } });
        Assert.Equal(0, kept.Collected!.DeletedHeads + kept.Collected.DeletedObjects);
        SyncResult fewer = await SyncAsync(origin.Root, mirror.Root, deleting);
        Assert.Equal(2, fewer.Collected!.DeletedHeads);
        Assert.InRange(fewer.Collected.DeletedObjects, 1, long.MaxValue);
        Assert.Equal(
            origin.DiskBytes, new PublishedImage(mirror.Root, origin.HeadName).ReadAll());
    }

    [Fact]
    public async Task A_source_that_is_its_mirror_is_refused()
    {
        using TestRepository origin = await TestRepository.CreateAsync();
        await Assert.ThrowsAsync<ArgumentException>(
            () => SyncAsync(origin.Root, origin.Root + "/"));
    }

    [Fact]
    public async Task Giving_up_leaves_no_file_behind()
    {
        using TestRepository origin = await TestRepository.CreateAsync();
        using TempFolder mirror = new();
        using CancellationTokenSource stop = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RepositoryMirror.SyncAsync(
            origin.Root, mirror.Root, null, new OnReport(stop.Cancel), stop.Token));
        Assert.Empty(Directory.GetFiles(mirror["objects"]));
        Assert.Empty(Directory.GetFiles(mirror["images"]));
        Assert.Single((await SyncAsync(origin.Root, mirror.Root)).Images);
    }

    private static Task<SyncResult> SyncAsync(
        string source, string mirror, SyncOptions? options = null) =>
        RepositoryMirror.SyncAsync(
            source,
            mirror,
            (options ?? new SyncOptions()) with { ReadDeadline = TimeSpan.FromSeconds(20) },
            null,
            _token);

    private static async Task<TestRepository> MakeVersionsAsync(int count)
    {
        TestRepository repository = await TestRepository.CreateAsync(length: 400_000, seed: 1);
        for (int version = 2; version <= count; version++)
        {
            TestDisk.Write(repository.DiskPath, 400_000, seed: version);
            await repository.PublishAsync();
        }

        return repository;
    }

    // What readers see: the publisher's private folder is none of it.
    private static SortedDictionary<string, string> FilesOf(string root)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string path in new[] { "images", "objects" }.SelectMany(folder =>
            Directory.EnumerateFiles(
                Path.Join(root, folder), "*", SearchOption.AllDirectories)))
        {
            files[Path.GetRelativePath(root, path)] =
                Digest.Of(File.ReadAllBytes(path)).ToString();
        }

        return files;
    }

    private sealed class OnReport(Action action) : IProgress<SyncProgress>
    {
        public void Report(SyncProgress value) => action();
    }
}
