using VMSeed.Blocks.Devices;
using VMSeed.Disks.Drivers;
using VMSeed.Testing;
using VMSeed.Testing.Contracts;
using VMSeed.Testing.Contracts.Disks;
using VMSeed.Testing.Peers;

namespace VMSeed.Disks.Tests.Formats.Vhd;

/// <summary>We read what QEMU writes.</summary>
public sealed class VhdReadTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("subformat=dynamic", 5_000_192)]
    [InlineData("subformat=fixed", 5_000_192)]
    [InlineData("subformat=dynamic,force_size=on", 4_198_912)]
    [InlineData("subformat=fixed,force_size=on", 4_198_912)]
    public async Task What_qemu_writes_reads_the_same(string options, int length)
    {
        using TempFolder folder = new();
        byte[] model = Pattern.Disk(length, 3);
        string raw = folder.Write("model.raw", model);
        await QemuImg.ConvertAsync(raw, "raw", folder["disk"], "vpc", options);

        await using VirtualDisk disk = await VirtualDisk.OpenFileAsync(
            folder["disk"], cancellationToken: Token);

        Assert.Equal(DiskFormat.Vhd, disk.Info.Format);
        Assert.Equal(
            (await QemuImg.InfoAsync(folder["disk"], "vpc")).GetProperty("virtual-size").GetInt64(),
            disk.Length);
        Array.Resize(ref model, (int)disk.Length);
        await ContentAssert.HoldsAsync(disk, model);
        await MapContract.CheckAsync(disk, model, 0, disk.Length, Token);
    }

    [Theory]
    [InlineData("dynamic")]
    [InlineData("fixed")]
    public async Task Either_of_two_sizes_can_be_asked_for_as_of_qemu(string variant)
    {
        const int Length = 10 << 20;
        using TempFolder folder = new();
        await using (await VirtualDisk.CreateFileAsync(
            folder["disk"],
            new VirtualDiskCreateOptions
            {
                Format = DiskFormat.Vhd,
                Variant = variant,
                Length = Length,
                CreatorApplication = "win ",
            },
            Token))
        {
        }

        foreach ((VhdSizeRule rule, string theirs) in new[]
        {
            (VhdSizeRule.Bytes, "current_size"), (VhdSizeRule.Geometry, "chs"),
        })
        {
            await PeerProgram.OutputAsync(
                "qemu-img",
                "convert",
                "--image-opts",
                $"driver=vpc,file.filename={folder["disk"]},force_size_calc={theirs}",
                "-O",
                "raw",
                folder[theirs]);
            await using VirtualDisk disk = await VirtualDisk.OpenFileAsync(
                folder["disk"], new VirtualDiskOptions { VhdSize = rule }, Token);
            Assert.Equal(new FileInfo(folder[theirs]).Length, disk.Length);
            Assert.Equal(rule == VhdSizeRule.Geometry, disk.Length < Length);
        }
    }

    [Fact]
    public async Task A_footer_that_ends_a_byte_short_is_read()
    {
        using TempFolder folder = new();
        byte[] model = Pattern.Disk(1 << 20, 5);
        string raw = folder.Write("model.raw", model);
        await QemuImg.ConvertAsync(
            raw, "raw", folder["disk"], "vpc", "subformat=fixed,force_size=on");
        byte[] image = await File.ReadAllBytesAsync(folder["disk"], Token);

        await using MemoryBlockDevice file = new(image.AsMemory(0, image.Length - 1).ToArray());
        await using VirtualDisk disk = await VirtualDisk.OpenAsync(file, cancellationToken: Token);

        Assert.Equal("fixed", disk.Info.Variant);
        await ContentAssert.HoldsAsync(disk, model);
    }

    [Fact]
    public async Task A_terabyte_of_nothing_is_mapped_in_a_few_hundred_questions()
    {
        using TempFolder folder = new();
        await QemuImg.CreateAsync(folder["disk"], "vpc", 1L << 40, "force_size=on");
        await using VirtualDisk disk = await VirtualDisk.OpenFileAsync(
            folder["disk"], cancellationToken: Token);

        long at = 0;
        int questions = 0;
        for (; at < disk.Length; questions++)
        {
            at = (await disk.MapAsync(at, disk.Length - at, Token)).End;
        }

        Assert.Equal((1L << 40, true), (at, questions <= 513));
    }
}
