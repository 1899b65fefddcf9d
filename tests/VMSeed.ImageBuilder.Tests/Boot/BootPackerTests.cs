using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Images.Heads;
using VMSeed.ImageBuilder.Boot;
using VMSeed.Testing;
using VMSeed.Testing.Guests;
using VMSeed.Testing.Peers;

namespace VMSeed.ImageBuilder.Tests.Boot;

/// <summary>Kernel and modules out of real file systems, byte for byte.</summary>
public sealed class BootPackerTests : IDisposable
{
    private const string Newest = "6.1.0-10-amd64";

    private const string Gpt = "label: gpt\nstart=2048, type=linux\n";

    private readonly TempFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("ext4", "")]
    [InlineData("ext4", ".xz")]
    [InlineData("ext4", ".zst")]
    [InlineData("ext4", ".gz")]
    [InlineData("xfs", "")]
    [InlineData("btrfs", "")]
    [InlineData("erofs", "")]
    [InlineData("squashfs", ".xz")]
    public async Task The_newest_kernel_of_a_partition_is_taken(string type, string ending)
    {
        GuestTree tree = await MakeTreeAsync(ending);
        string disk = await GuestDisks.PartAsync(
            _folder, await GuestDisks.MakeAsync(_folder, type, tree.Root), Gpt);
        using BootPack pack = await TakeAsync(disk, raw: true);
        Assert.Equal(new BootRoot(1, type), pack.Root);
        Assert.Null(pack.Arguments);
        await CheckAsync(pack);
    }

    [Theory]
    [InlineData("ext4")]
    [InlineData("xfs")]
    [InlineData("btrfs")]
    [InlineData("erofs")]
    [InlineData("squashfs")]
    public async Task A_whole_disk_of_another_format_is_read_through_a_copy(string type)
    {
        GuestTree tree = await MakeTreeAsync();
        string disk = await GuestDisks.MakeAsync(_folder, type, tree.Root);
        using BootPack pack = await TakeAsync(disk, raw: false);
        Assert.Equal(new BootRoot(0, type), pack.Root);
        await CheckAsync(pack);
    }

    [Theory]
    [InlineData("ext4")]
    [InlineData("xfs")]
    public async Task A_logical_partition_has_a_root(string type)
    {
        GuestTree tree = await MakeTreeAsync();
        string disk = await GuestDisks.PartAsync(
            _folder,
            await GuestDisks.MakeAsync(_folder, type, tree.Root),
            "label: dos\nstart=2048, type=5\nstart=4096, type=83\n",
            offset: 4096 * 512);
        using BootPack pack = await TakeAsync(disk, raw: true);
        Assert.Equal(new BootRoot(5, type), pack.Root);
        await CheckAsync(pack);
    }

    [Fact]
    public async Task A_root_in_a_folder_of_btrfs_is_said_to_the_kernel()
    {
        GuestTree tree = await MakeTreeAsync();
        Directory.CreateDirectory(_folder["top"]);
        Directory.Move(tree.Root, Path.Join(_folder["top"], "@rootfs"));
        string disk = await GuestDisks.MakeAsync(_folder, "btrfs", _folder["top"]);
        using BootPack pack = await TakeAsync(disk, raw: true);
        Assert.Equal(new BootRoot(0, "btrfs"), pack.Root);
        Assert.Equal("rootflags=subvol=@rootfs", pack.Arguments);
        await CheckAsync(pack);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task A_live_image_boots_from_its_squashfs(bool raw, bool kernelInside)
    {
        GuestTree tree = await MakeTreeAsync();
        string live = Directory.CreateDirectory(_folder["iso/casper"]).FullName;
        if (!kernelInside)
        {
            File.Move(tree.KernelOf(Newest), Path.Join(live, "vmlinuz"));
        }

        File.Move(
            await GuestDisks.MakeAsync(_folder, "squashfs", tree.Root),
            Path.Join(live, "filesystem.squashfs"));
        string disk = await GuestDisks.MakeIsoAsync(_folder, _folder["iso"]);
        using BootPack pack = await TakeAsync(disk, raw);
        Assert.Equal(
            new BootRoot(0, "iso9660/squashfs:casper/filesystem.squashfs"), pack.Root);
        await CheckAsync(pack);
    }

    [Fact]
    public async Task A_release_can_be_asked_for()
    {
        GuestTree tree = await MakeTreeAsync();
        string disk = await GuestDisks.MakeAsync(_folder, "ext4", tree.Root);
        await using FileBlockDevice device = FileBlockDevice.Open(disk);
        using BootPack pack = await BootPacker.TakeAsync(
            device,
            new BootPackOptions { RawPath = disk, Release = "6.1.0-9-amd64" },
            Cancelled);
        Assert.Equal("6.1.0-9-amd64", pack.Release);
    }

    [Fact]
    public async Task The_same_guest_makes_the_same_files()
    {
        GuestTree tree = await MakeTreeAsync();
        string ext4 = await GuestDisks.MakeAsync(_folder, "ext4", tree.Root);
        string squashfs = await GuestDisks.MakeAsync(_folder, "squashfs", tree.Root);
        using BootPack one = await TakeAsync(ext4, raw: true);
        using BootPack other = await TakeAsync(squashfs, raw: true);
        foreach ((string first, string second) in one.Files.Zip(
            other.Files, (x, y) => (x.Path, y.Path)))
        {
            Assert.Equal(
                await File.ReadAllBytesAsync(first, Cancelled),
                await File.ReadAllBytesAsync(second, Cancelled));
        }
    }

    [Fact]
    public async Task A_kernel_and_a_folder_are_taken_by_their_paths()
    {
        GuestTree tree = await MakeTreeAsync();
        using BootPack pack = await BootPacker.TakeAsync(
            tree.KernelOf(Newest), tree.ModulesOf(Newest), Cancelled);
        Assert.Null(pack.Root);
        await CheckAsync(pack);
    }

    [Fact]
    public async Task Drivers_that_the_kernel_lacks_are_told()
    {
        GuestTree tree = await MakeTreeAsync();
        using BootPack pack = await BootPacker.TakeAsync(
            tree.KernelOf(Newest), tree.ModulesOf(Newest), Cancelled);
        Assert.Contains("nvme", pack.UnknownDrivers);
        Assert.DoesNotContain("virtio_blk", pack.UnknownDrivers);
        Assert.DoesNotContain("xen-blkfront", pack.UnknownDrivers);
        Assert.DoesNotContain("af_packet", pack.UnknownDrivers);
    }

    private async Task<GuestTree> MakeTreeAsync(string ending = "")
    {
        GuestTree tree = new(Directory.CreateDirectory(_folder["root"]).FullName);
        await tree.AddKernelAsync("6.1.0-9-amd64");
        await tree.AddKernelAsync(Newest, ending);

        // Left behind when a kernel was removed.
        Directory.CreateDirectory(tree.ModulesOf("6.2.0-1-amd64"));
        return tree;
    }

    private static async Task<BootPack> TakeAsync(string disk, bool raw)
    {
        await using FileBlockDevice device = FileBlockDevice.Open(disk);
        return await BootPacker.TakeAsync(
            device, new BootPackOptions { RawPath = raw ? disk : null }, Cancelled);
    }

    private async Task CheckAsync(BootPack pack)
    {
        Assert.Equal(Newest, pack.Release);
        Assert.Equal(["kernel", "modules"], pack.Files.Select(file => file.Role));
        Assert.Equal($"vmlinuz-{Newest}", pack.Files[0].Name);
        Assert.Equal(
            GuestTree.Kernel(Newest),
            await File.ReadAllBytesAsync(pack.Files[0].Path, Cancelled));
        string unpacked = Directory.CreateDirectory(_folder["unpacked"]).FullName;
        await PeerProgram.OutputAsync(
            "bash",
            "-c",
            $"xz -dc '{pack.Files[1].Path}' | cpio -id --quiet -D '{unpacked}'");
        string modules = Path.Join(unpacked, "lib/modules", Newest);
        Assert.Equal(
            GuestTree.Taken.Order(StringComparer.Ordinal),
            Directory.EnumerateFiles(modules, "*.ko", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(modules, file))
                .Order(StringComparer.Ordinal));
        foreach (string file in GuestTree.Taken)
        {
            Assert.Equal(
                GuestTree.ContentOf(Newest, file),
                await File.ReadAllBytesAsync(Path.Join(modules, file), Cancelled));
        }
    }
}
