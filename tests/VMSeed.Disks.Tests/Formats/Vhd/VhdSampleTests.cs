using VMSeed.Blocks.Devices;
using VMSeed.Disks.Binary;
using VMSeed.Testing;
using VMSeed.Testing.Samples;

namespace VMSeed.Disks.Tests.Formats.Vhd;

/// <summary>What Windows and QEMU have made reads to its digest.</summary>
public sealed class VhdSampleTests
{
    private const string Child = "dfvfs/fat-differential.vhd";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(SampleImages.NamesOf), "vpc", MemberType = typeof(SampleImages))]
    public async Task A_real_image_reads_to_its_digest(string name)
    {
        using TempFolder folder = new();
        SampleImage sample = SampleImages.Named(name);
        string path = await sample.UnpackAsync(folder);

        // The parent of the one that has one is lost; its digest is that over zeros.
        await using MemoryBlockDevice zeros = new(new byte[sample.Length]);
        await using VirtualDisk disk = await VirtualDisk.OpenFileAsync(
            path, new VirtualDiskOptions { Parent = zeros }, Token);

        Assert.Equal(DiskFormat.Vhd, disk.Info.Format);
        Assert.Empty(disk.Info.Warnings);
        await sample.AssertHoldsAsync(disk);
    }

    [Fact]
    public async Task Windows_child_names_its_parent_and_keeps_18_sectors_of_its_own()
    {
        using TempFolder folder = new();
        string path = await SampleImages.Named(Child).UnpackAsync(folder);
        byte[] below = new byte[4 << 20];
        Array.Fill(below, (byte)0xEE);
        await using MemoryBlockDevice parent = new(below);
        await using VirtualDisk disk = await VirtualDisk.OpenFileAsync(
            path, new VirtualDiskOptions { Parent = parent }, Token);

        Assert.Equal(
            ("differencing", @".\fat-parent.vhd"), (disk.Info.Variant, disk.Info.ParentName));
        byte[] all = new byte[disk.Length];
        await disk.ReadAsync(0, all, Token);
        Assert.Equal(18, all.Chunk(512).Count(sector => sector.ContainsAnyExcept((byte)0xEE)));
    }

    [Fact]
    public async Task A_child_whose_parent_is_lost_says_which_file_is_missing()
    {
        using TempFolder folder = new();
        string path = await SampleImages.Named(Child).UnpackAsync(folder);
        DiskFormatException e = await Assert.ThrowsAsync<DiskFormatException>(
            async () => await VirtualDisk.OpenFileAsync(path, cancellationToken: Token));
        Assert.Equal((DiskFault.MissingFile, @".\fat-parent.vhd"), (e.Fault, e.FileName));
    }

    [Fact]
    public async Task A_footer_whose_checksum_is_wrong_is_refused()
    {
        using TempFolder folder = new();
        string path = await SampleImages.Damaged.UnpackAsync(folder);
        DiskFormatException e = await Assert.ThrowsAsync<DiskFormatException>(
            async () => await VirtualDisk.OpenFileAsync(path, cancellationToken: Token));
        Assert.Equal(DiskFault.Corrupt, e.Fault);
    }
}
