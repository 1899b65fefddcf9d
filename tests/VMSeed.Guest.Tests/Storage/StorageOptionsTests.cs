using VMSeed.Guest.Storage;

namespace VMSeed.Guest.Tests.Storage;

/// <summary>What process 1 tells the daemon, and the daemon tells others.</summary>
public sealed class StorageOptionsTests
{
    [Fact]
    public void The_daemon_reads_what_process_1_writes()
    {
        StorageOptions options = new()
        {
            Image = "debian",
            State = "/run/a=b",
            Cache = "/dev/sda3",
            Head = "/run/head",
            Proxy = "http://proxy:1/?a=b",
            IsOffline = true,
        };
        Assert.Equal(options, StorageOptions.Parse(options.ToArguments()));
        StorageOptions least = new() { Image = "debian", State = "/run/state" };
        Assert.Equal(least, StorageOptions.Parse(least.ToArguments()));
    }

    [Fact]
    public void Progress_is_told_in_words()
    {
        Assert.Equal("fetched 1 of 4 MiB (25 %)", PrefetchLine.Describe("1048576 4194304"));
        Assert.Equal("0 0", PrefetchLine.Describe("0 0"));
        Assert.Equal("done", PrefetchLine.Describe("done"));
    }
}
