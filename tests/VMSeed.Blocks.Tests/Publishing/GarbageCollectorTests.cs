using Microsoft.Extensions.Time.Testing;
using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Publishing;
using VMSeed.Testing;

namespace VMSeed.Blocks.Tests.Publishing;

public sealed class GarbageCollectorTests
{
    private static readonly CancellationToken _token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Old_versions_go_and_what_they_alone_needed()
    {
        using TestRepository repository = await MakeVersionsAsync(5);
        int before = repository.Objects().Count();
        CollectOptions later = After(TimeSpan.FromDays(31));

        CollectResult dry = await GarbageCollector.CollectAsync(
            repository.Root, later with { DryRun = true }, cancellationToken: _token);
        Assert.Equal(before, repository.Objects().Count());

        CollectResult result = await GarbageCollector.CollectAsync(
            repository.Root, later, cancellationToken: _token);
        Assert.Equal(dry, result);
        Assert.Equal(2, result.DeletedHeads);
        Assert.Equal(3, result.KeptHeads);
        Assert.Equal(before - result.DeletedObjects, repository.Objects().Count());
        Assert.Equal(repository.Objects().Count(), result.KeptObjects);
        HashSet<string> kept = [];
        foreach (string head in new[] { "images/disk.vmseed", "images/disk/3.vmseed",
            "images/disk/4.vmseed" })
        {
            var image = new PublishedImage(repository.Root, head);
            image.ReadAll();
            kept.UnionWith(image.Objects.Select(digest => digest.ToString()));
        }

        Assert.Equal(kept.Order(), repository.Objects().Select(p => Path.GetFileName(p)).Order());
        Assert.False(File.Exists(Path.Join(repository.Root, "images/disk/2.vmseed")));
        Assert.Equal(0, (await repository.PublishAsync()).NewBlocks);
    }

    [Fact]
    public async Task What_is_young_stays()
    {
        using TestRepository repository = await MakeVersionsAsync(5);
        CollectResult result = await GarbageCollector.CollectAsync(
            repository.Root, After(TimeSpan.FromDays(1)), cancellationToken: _token);
        Assert.Equal(0, result.DeletedHeads + result.DeletedObjects);
    }

    [Fact]
    public async Task Nothing_is_deleted_while_a_page_is_damaged()
    {
        using TestRepository repository = await MakeVersionsAsync(5);
        string root = Blocks.Images.RepositoryPaths.Object(repository.Result.Head.Index.Digest);
        string page = Path.Join(repository.Root, root);
        byte[] bytes = File.ReadAllBytes(page);
        bytes[20] ^= 1;
        File.WriteAllBytes(page, bytes);
        int before = repository.Objects().Count();
        InvalidDataException fault = await Assert.ThrowsAsync<InvalidDataException>(
            () => GarbageCollector.CollectAsync(
                repository.Root, After(TimeSpan.FromDays(99)), cancellationToken: _token));
        Assert.Contains(root, fault.Message);
        File.Delete(page);
        await Assert.ThrowsAsync<InvalidDataException>(() => GarbageCollector.CollectAsync(
            repository.Root, After(TimeSpan.FromDays(99)), cancellationToken: _token));
        Assert.Equal(before - 1, repository.Objects().Count());
        Assert.True(File.Exists(Path.Join(repository.Root, "images/disk/1.vmseed")));
    }

    [Fact]
    public async Task Nothing_is_deleted_while_a_head_is_damaged()
    {
        using TestRepository repository = await MakeVersionsAsync(5);
        File.WriteAllText(Path.Join(repository.Root, "images/disk/1.vmseed"), "nonsense");
        InvalidDataException fault = await Assert.ThrowsAsync<InvalidDataException>(
            () => GarbageCollector.CollectAsync(
                repository.Root, After(TimeSpan.FromDays(99)), cancellationToken: _token));
        Assert.Contains("1.vmseed", fault.Message);
    }

    [Fact]
    public async Task Unfinished_files_go_when_they_are_old()
    {
        using TestRepository repository = await TestRepository.CreateAsync();
        string orphan = Path.Join(repository.Root, "objects", ".0123.tmp");
        File.WriteAllText(orphan, "half a pack");
        CollectResult young = await GarbageCollector.CollectAsync(
            repository.Root, cancellationToken: _token);
        Assert.Equal(0, young.DeletedTemporaries);
        CollectResult old = await GarbageCollector.CollectAsync(
            repository.Root, After(TimeSpan.FromDays(8)), cancellationToken: _token);
        Assert.Equal(1, old.DeletedTemporaries);
        Assert.False(File.Exists(orphan));
    }

    [Fact]
    public async Task Waits_for_publishers_and_publishers_wait_for_it()
    {
        using TestRepository repository = await TestRepository.CreateAsync();
        await using var disk = FileBlockDevice.Open(repository.DiskPath);
        Task<CollectResult>? collecting = null;
        bool wasDone = false;
        var progress = new OnFirst(() =>
        {
            collecting = GarbageCollector.CollectAsync(repository.Root, cancellationToken: _token);
            wasDone = collecting.IsCompleted;
        });
        await ImagePublisher.PublishAsync(
            disk, repository.Options() with { Force = true }, progress, _token);
        Assert.False(wasDone);
        Assert.Equal(2, (await collecting!).KeptHeads);
    }

    private static CollectOptions After(TimeSpan time) => new()
    {
        TimeProvider = new FakeTimeProvider(TimeProvider.System.GetUtcNow() + time),
    };

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

    private sealed class OnFirst(Action action) : IProgress<PublishProgress>
    {
        private Action? _action = action;

        public void Report(PublishProgress value) =>
            Interlocked.Exchange(ref _action, null)?.Invoke();
    }
}
