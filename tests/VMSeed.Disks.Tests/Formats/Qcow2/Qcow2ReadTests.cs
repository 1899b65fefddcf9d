using VMSeed.Blocks.Primitives;
using VMSeed.Testing;
using VMSeed.Testing.Contracts;
using VMSeed.Testing.Contracts.Disks;
using VMSeed.Testing.Peers;
using VMSeed.Testing.Samples;

namespace VMSeed.Disks.Tests.Formats.Qcow2;

/// <summary>We read what QEMU writes, in every shape that it writes.</summary>
public sealed class Qcow2ReadTests
{
    // Neither a multiple of a cluster nor of a page.
    private const int Length = 5_000_192;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, bool> Shapes => new()
    {
        { "compat=0.10", false },
        { "compat=0.10,cluster_size=512", true },
        { "compat=1.1", false },
        { "compat=1.1,cluster_size=512", false },
        { "compat=1.1,cluster_size=2M", false },
        { "compat=1.1,cluster_size=4k,refcount_bits=1", true },
        { "compat=1.1,refcount_bits=64,lazy_refcounts=on", false },
        { "compat=1.1,preallocation=metadata", false },
        { "compat=1.1", true },
        { "compat=1.1,cluster_size=2M", true },
        { "compression_type=zstd", true },
        { "compression_type=zstd,cluster_size=2M", true },
        { "extended_l2=on,cluster_size=16k", false },
        { "extended_l2=on,cluster_size=128k", true },
        { "extended_l2=on,compression_type=zstd", true },
    };

    public static TheoryData<string> Samples =>
        new("dfvfs/ext2.qcow2", "dfvfs/windows_volume.qcow2", "plaso/vsstest.qcow2");

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task What_qemu_converts_reads_the_same(string options, bool compress)
    {
        using TempFolder folder = new();
        byte[] model = Pattern.Disk(Length, 3);
        folder.Write("model", model);
        await QemuImg.ConvertAsync(
            folder["model"], "raw", folder["image"], "qcow2", options, compress);
        await using VirtualDisk disk = await VirtualDisk.OpenFileAsync(
            folder["image"], cancellationToken: Token);
        Assert.Equal(DiskFormat.Qcow2, disk.Info.Format);
        await ContentAssert.HoldsAsync(disk, model);
        await MapContract.CheckAsync(disk, model, 0, model.Length, Token);
    }

    [Theory]
    [InlineData("compat=1.1")]
    [InlineData("extended_l2=on,cluster_size=64k")]
    [InlineData("cluster_size=512")]
    public async Task What_a_guest_writes_trims_and_zeroes_reads_the_same(string options)
    {
        using TempFolder folder = new();
        await QemuImg.CreateAsync(folder["image"], "qcow2", Length, options);
        await QemuIo.RunAsync(
            folder["image"],
            "qcow2",
            [
                QemuIo.Write(0, 700_000, 1), QemuIo.Write(65_536, 2048, 2),
                QemuIo.Write(3_000_320, 5632, 3), QemuIo.Zero(131_072, 65_536),
                QemuIo.Discard(196_608, 65_536), QemuIo.Zero(300_032, 40_960),
            ]);
        await AssertSameAsync(folder, "image");
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task Real_images_read_bit_for_bit(string name)
    {
        using TempFolder folder = new();
        SampleImage image = SampleImages.Named(name);
        await using VirtualDisk disk = await VirtualDisk.OpenFileAsync(
            await image.UnpackAsync(folder), cancellationToken: Token);
        await image.AssertHoldsAsync(disk);
    }

    [Fact]
    public async Task An_image_with_snapshots_reads_as_it_is_now()
    {
        using TempFolder folder = new();
        string path = folder["image"];
        await QemuImg.CreateAsync(path, "qcow2", Length);
        await QemuIo.RunAsync(path, "qcow2", QemuIo.Write(0, 300_000, 1));
        await PeerProgram.OutputAsync("qemu-img", "snapshot", "-c", "before", path);
        await QemuIo.RunAsync(path, "qcow2", QemuIo.Write(100_000, 100_000, 2));
        await AssertSameAsync(folder, "image");
    }

    [Theory]
    [InlineData("off")]
    [InlineData("on")]
    public async Task Data_in_another_file_is_read_from_there(string raw)
    {
        using TempFolder folder = new();
        await QemuImg.CreateAsync(
            folder["image"], "qcow2", Length, $"data_file={folder["data"]},data_file_raw={raw}");
        await QemuIo.RunAsync(
            folder["image"],
            "qcow2",
            [QemuIo.Write(0, 100_000, 1), QemuIo.Write(2_000_000, 3000, 2)]);
        await AssertSameAsync(folder, "image");
    }

    [Theory]
    [InlineData("")]
    [InlineData("cluster_size=512,")]
    [InlineData("extended_l2=on,")]
    public async Task A_tebibyte_of_nothing_is_one_extent_within_milliseconds(string options)
    {
        using TempFolder folder = new();
        long length = options.Contains("512", StringComparison.Ordinal) ? 64L << 30 : 1L << 40;
        await QemuImg.CreateAsync(
            folder["image"], "qcow2", length, options + "compat=1.1");
        await QemuIo.RunAsync(folder["image"], "qcow2", QemuIo.Write(length / 2, 65_536, 9));
        await using VirtualDisk disk = await VirtualDisk.OpenFileAsync(
            folder["image"], cancellationToken: Token);
        List<Extent> extents = [];
        await foreach (Extent extent in disk.ExtentsAsync(0, length, Token))
        {
            extents.Add(extent);
        }

        Assert.Equal(
            [
                new(0, length / 2, ExtentKind.Zero),
                new(length / 2, 65_536, ExtentKind.Data),
                new((length / 2) + 65_536, (length / 2) - 65_536, ExtentKind.Zero),
            ],
            extents);
    }

    private static async Task AssertSameAsync(TempFolder folder, string name)
    {
        await QemuImg.ConvertAsync(folder[name], "qcow2", folder["expected"], "raw");
        byte[] model = await File.ReadAllBytesAsync(folder["expected"], Token);
        await using VirtualDisk disk = await VirtualDisk.OpenFileAsync(
            folder[name], cancellationToken: Token);
        await ContentAssert.HoldsAsync(disk, model);
    }
}
