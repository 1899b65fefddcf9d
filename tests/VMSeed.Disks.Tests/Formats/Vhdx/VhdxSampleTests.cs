using VMSeed.Testing;
using VMSeed.Testing.Peers;
using VMSeed.Testing.Samples;

namespace VMSeed.Disks.Tests.Formats.Vhdx;

/// <summary>Images that Windows has written read to their digests, also the one that
/// crashed.</summary>
public sealed class VhdxSampleTests
{
    private const string Crashed = "discutils-tests/vhdx-log-replay.vhdx";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static IEnumerable<TheoryDataRow<string>> Names => SampleImages.NamesOf("vhdx");

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_real_image_reads_to_its_digest_and_stays_as_it_is(string name)
    {
        using TempFolder folder = new();
        SampleImage image = SampleImages.Named(name);
        string path = await image.UnpackAsync(folder);
        DateTime before = File.GetLastWriteTimeUtc(path);
        await using (VirtualDisk disk = await VirtualDisk.OpenFileAsync(
            path, cancellationToken: Token))
        {
            Assert.Equal(DiskFormat.Vhdx, disk.Info.Format);
            Assert.Equal("dynamic", disk.Info.Variant);
            Assert.Equal(name == Crashed, disk.Info.IsUnclean);
            await image.AssertHoldsAsync(disk);
        }

        Assert.Equal(before, File.GetLastWriteTimeUtc(path));
    }

    [Fact]
    public async Task The_log_of_a_real_crash_is_replayed_in_the_file_when_it_is_opened_to_write()
    {
        using TempFolder folder = new();
        SampleImage image = SampleImages.Named(Crashed);
        string path = await image.UnpackAsync(folder);
        await using (VirtualDisk disk = await VirtualDisk.OpenFileAsync(
            path, new VirtualDiskOptions { CanWrite = true }, Token))
        {
            Assert.True(disk.Info.IsUnclean);
            await image.AssertHoldsAsync(disk);
        }

        await QemuImg.AssertCleanAsync(path, "vhdx");
        await using VirtualDisk again = await VirtualDisk.OpenFileAsync(
            path, cancellationToken: Token);
        Assert.False(again.Info.IsUnclean);
        await image.AssertHoldsAsync(again);
    }
}
