using VMSeed.Testing;
using VMSeed.Testing.Contracts;
using VMSeed.Testing.Peers;
using VMSeed.Testing.Samples;

namespace VMSeed.Disks.Tests.Formats.Vmdk;

/// <summary>Images of VMware's products and of QEMU read as what they hold.</summary>
public sealed class VmdkReadTests
{
    // No multiple of a grain, nor of a table's reach: 34 MiB and a bit.
    private const int Length = (34 << 20) + (37 * 512);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static IEnumerable<TheoryDataRow<string>> Samples => SampleImages.NamesOf("vmdk");

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task Real_images_read_to_their_digests(string name)
    {
        using TempFolder folder = new();
        SampleImage sample = SampleImages.Named(name);
        string path = await sample.UnpackAsync(folder);
        await using VirtualDisk disk = await VirtualDisk.OpenFileAsync(
            path, cancellationToken: Token);
        Assert.Equal(DiskFormat.Vmdk, disk.Info.Format);
        await sample.AssertHoldsAsync(disk);
    }

    [Theory]
    [InlineData("monolithicSparse")]
    [InlineData("monolithicSparse,zeroed_grain=on")]
    [InlineData("monolithicFlat")]
    [InlineData("twoGbMaxExtentSparse")]
    [InlineData("twoGbMaxExtentFlat")]
    [InlineData("streamOptimized")]
    public async Task What_qemu_writes_reads_the_same(string variant)
    {
        using TempFolder folder = new();
        byte[] model = Sparse(Pattern.Disk(Length, 3));
        await File.WriteAllBytesAsync(folder["model.raw"], model, Token);
        await QemuImg.ConvertAsync(
            folder["model.raw"], "raw", folder["theirs.vmdk"], "vmdk", "subformat=" + variant);
        await using VirtualDisk disk = await VirtualDisk.OpenFileAsync(
            folder["theirs.vmdk"], cancellationToken: Token);
        Assert.Equal(variant.Split(',')[0], disk.Info.Variant);
        Assert.Equal(Length, disk.Length);
        byte[] all = new byte[Length];
        await disk.ReadAsync(0, all, Token);
        Assert.True(all.AsSpan().SequenceEqual(model));
        await MapContract.CheckAsync(disk, model, 0, Length, Token);
    }

    private static byte[] Sparse(byte[] disk)
    {
        disk.AsSpan(1 << 20, 5 << 20).Clear();
        disk.AsSpan(12 << 20, 19 << 20).Clear();
        return disk;
    }
}
