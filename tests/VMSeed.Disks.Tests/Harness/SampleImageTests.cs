using System.Security.Cryptography;
using VMSeed.Blocks.Devices;
using VMSeed.Testing;
using VMSeed.Testing.Peers;
using VMSeed.Testing.Samples;

namespace VMSeed.Disks.Tests.Harness;

/// <summary>The table of real images says what QEMU says.</summary>
public sealed class SampleImageTests
{
    public static IEnumerable<TheoryDataRow<string>> Names =>
        SampleImages.All.Select(image => new TheoryDataRow<string>(image.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public Task Qemu_reads_what_the_table_says(string name) => CheckAsync(name, whole: false);

    [Theory]
    [MemberData(nameof(Names))]
    [Trait("Stage", "Long")]
    public Task Qemu_reads_what_the_table_says_to_the_last_zero(string name) =>
        CheckAsync(name, whole: true);

    [Fact]
    public async Task The_digest_of_all_bytes_is_that_of_the_framework()
    {
        byte[] content = Pattern.Disk(3_000_001, 1);
        await using MemoryBlockDevice device = new(content);
        Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(content)),
            await DiskDigest.WholeAsync(device));
    }

    [Fact]
    public async Task The_digest_of_the_pages_depends_on_bytes_and_places_alone()
    {
        byte[] page = Pattern.Random(100, 2);
        await using MemoryBlockDevice one = new(10 << 20);
        await one.WriteAsync(70_000, page, TestContext.Current.CancellationToken);
        string digest = await DiskDigest.PagesAsync(one);

        byte[] all = new byte[10 << 20];
        page.CopyTo(all, 70_000);
        await using MemoryBlockDevice full = new(all);
        await full.WriteAsync(0, all, TestContext.Current.CancellationToken);
        Assert.Equal(digest, await DiskDigest.PagesAsync(full));

        await one.WriteAsync(9_000_000, new byte[] { 1 }, TestContext.Current.CancellationToken);
        Assert.NotEqual(digest, await DiskDigest.PagesAsync(one));
        await one.WriteAsync(9_000_000, new byte[1], TestContext.Current.CancellationToken);
        Assert.Equal(digest, await DiskDigest.PagesAsync(one));
        await one.WriteAsync(0, page, TestContext.Current.CancellationToken);
        Assert.NotEqual(digest, await DiskDigest.PagesAsync(one));
    }

    private static async Task CheckAsync(string name, bool whole)
    {
        using TempFolder folder = new();
        SampleImage image = SampleImages.Named(name);
        string path = await image.UnpackAsync(folder);
        if (name.Contains("log-replay", StringComparison.Ordinal))
        {
            await PeerProgram.RunAsync("qemu-img", "check", "-q", "-r", "all", path);
        }

        await QemuImg.ConvertAsync(path, image.Format, folder["raw"], "raw");
        await using FileBlockDevice raw = FileBlockDevice.Open(folder["raw"]);
        await image.AssertHoldsAsync(raw, whole);
    }
}
