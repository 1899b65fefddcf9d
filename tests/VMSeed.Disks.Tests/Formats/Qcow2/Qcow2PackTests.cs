using VMSeed.Blocks.Devices;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Testing;
using VMSeed.Testing.Contracts.Disks;
using VMSeed.Testing.Peers;

namespace VMSeed.Disks.Tests.Formats.Qcow2;

/// <summary>Compressed images of ours, as others read them.</summary>
public sealed class Qcow2PackTests
{
    private const int Length = 5_000_192;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("v3", 65_536)]
    [InlineData("v2", 4096)]
    [InlineData("v3", 512)]
    [InlineData("v3", 2 << 20)]
    [InlineData("zstd", 65_536)]
    [InlineData("zstd", 2 << 20)]
    [InlineData("extended_l2,zstd", 32_768)]
    public async Task Every_shape_is_clean_and_right_to_qemu(string variant, int clusterSize)
    {
        using TempFolder folder = new();
        byte[] model = Pattern.Disk(Length, 6);
        await ConvertAsync(folder["image"], model, variant, clusterSize);
        await QemuOracle.CheckAsync(folder["image"], "qcow2", model);
        await using VirtualDisk disk = await VirtualDisk.OpenFileAsync(
            folder["image"], cancellationToken: Token);
        await ContentAssert.HoldsAsync(disk, model);
        CheckReport report = await disk.CheckAsync(cancellationToken: Token);
        Assert.True(report.IsClean, string.Join(' ', report.Errors.Concat(report.Leaks)));
    }

    [Fact]
    public async Task It_is_not_much_larger_than_what_qemu_makes()
    {
        using TempFolder folder = new();
        byte[] model = Pattern.Disk(24 << 20, 7);
        folder.Write("model", model);
        await QemuImg.ConvertAsync(
            folder["model"], "raw", folder["theirs"], "qcow2", "compat=1.1", compress: true);
        await ConvertAsync(folder["ours"], model, "v3", 65_536);
        long theirs = new FileInfo(folder["theirs"]).Length;
        Assert.InRange(new FileInfo(folder["ours"]).Length, theirs / 4, theirs * 11 / 10);
    }

    [Fact]
    public async Task A_reader_that_is_not_qemu_agrees()
    {
        using TempFolder folder = new();
        byte[] model = Pattern.Disk(Length, 8);
        await ConvertAsync(folder["image.qcow2"], model, "v3", 65_536);
        await PeerProgram.OutputAsync(
            "7zz", "x", "-y", $"-o{folder["out"]}", folder["image.qcow2"]);
        string file = Assert.Single(Directory.GetFiles(folder["out"]));
        ContentAssert.Same(model, await File.ReadAllBytesAsync(file, Token));
    }

    [Fact]
    public async Task A_stream_that_cannot_seek_is_refused()
    {
        await using MemoryBlockDevice source = new(1 << 20);
        using FileStream pipe = new(
            "/dev/null", FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        await using BufferedStream sink = new(new System.IO.Compression.DeflateStream(
            pipe, System.IO.Compression.CompressionMode.Compress));
        DiskFormatException refusal = await Assert.ThrowsAsync<DiskFormatException>(
            async () => await DiskConverter.ConvertToStreamAsync(
                source, sink, Options("v3", 65_536, 1 << 20), cancellationToken: Token));
        Assert.Equal(DiskFault.Unsupported, refusal.Fault);
    }

    private static async Task ConvertAsync(
        string path, byte[] model, string variant, int clusterSize)
    {
        await using MemoryBlockDevice source = new(model);
        await using FileStream target = File.Create(path);
        await DiskConverter.ConvertToStreamAsync(
            source, target, Options(variant, clusterSize, model.Length), cancellationToken: Token);
    }

    private static VirtualDiskCreateOptions Options(
        string variant, int clusterSize, long length) => new()
        {
            Format = DiskFormat.Qcow2,
            Length = length,
            Variant = variant,
            BlockSize = clusterSize,
            Compress = true,
        };
}
