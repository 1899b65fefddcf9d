using System.Diagnostics;
using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Publishing;
using VMSeed.Testing;

namespace VMSeed.Blocks.Tests.Publishing;

/// <summary>A publisher in a process of its own, killed with SIGKILL where it happens to
/// be.</summary>
public sealed class KilledPublisherTests
{
    private const string RootVariable = "VMSEED_TEST_KILLED_ROOT";
    private const string DiskVariable = "VMSEED_TEST_KILLED_DISK";

    private static readonly CancellationToken _token = TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Stage", "Long")]
    public async Task A_killed_publish_is_invisible_and_the_next_one_goes_on()
    {
        using TestRepository repository = await TestRepository.CreateAsync(length: 0);
        TestDisk.Write(repository.DiskPath, 40_000_000, seed: 11);
        foreach (int packs in new[] { 3, 20, 40 })
        {
            using Process publisher = Start(repository);
            while (repository.Packs().Count() < packs && !publisher.HasExited)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, _token);
            }

            Assert.False(publisher.HasExited, "The publisher ended before it was killed.");
            publisher.Kill();
            await publisher.WaitForExitAsync(_token);
            Assert.Equal(
                0, new PublishedImage(repository.Root, repository.HeadName).Head.Disk.Length);
        }

        PublishResult result = await repository.PublishAsync();
        Assert.Equal(2, result.Version);
        Assert.InRange(result.KnownBlocks, 40 * 256 / 16, long.MaxValue);
        Assert.Equal(
            repository.DiskBytes,
            new PublishedImage(repository.Root, repository.HeadName).ReadAll());
    }

    /// <summary>The process that is killed: it is started by the test above, and does nothing
    /// otherwise.</summary>
    [Fact(Explicit = true)]
    public async Task Publisher_process()
    {
        string? root = Environment.GetEnvironmentVariable(RootVariable);
        string? path = Environment.GetEnvironmentVariable(DiskVariable);
        Assert.SkipWhen(root is null || path is null, "Only another test starts this one.");
        await using var disk = FileBlockDevice.Open(path!);
        await ImagePublisher.PublishAsync(
            disk,
            new PublishOptions
            {
                RepositoryPath = root!,
                Name = TestRepository.ImageName,
                AllowUnsigned = true,
                BlockSize = 16 * 1024,
                Fanout = 64,
                PackLength = 256 * 1024,
                Workers = 1,
                Level = 19, // Slow, so that there is time to kill it.
            },
            cancellationToken: _token);
    }

    private static Process Start(TestRepository repository)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add("--filter-method");
        start.ArgumentList.Add(
            $"{typeof(KilledPublisherTests).FullName}.{nameof(Publisher_process)}");
        start.ArgumentList.Add("--explicit");
        start.ArgumentList.Add("only");
        start.Environment[RootVariable] = repository.Root;
        start.Environment[DiskVariable] = repository.DiskPath;
        return Process.Start(start)!;
    }
}
