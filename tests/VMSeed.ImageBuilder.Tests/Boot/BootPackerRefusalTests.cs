using System.Text;
using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Images.Heads;
using VMSeed.ImageBuilder.Boot;
using VMSeed.Testing;
using VMSeed.Testing.Guests;

namespace VMSeed.ImageBuilder.Tests.Boot;

/// <summary>What a seed cannot boot is refused, and the message says why and what helps.</summary>
public sealed class BootPackerRefusalTests : IDisposable
{
    private const string Release = "6.1.0-9-amd64";

    private readonly TempFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("LVM2_member", 512 + 24, "LVM2 001")]
    [InlineData("crypto_LUKS", 0, "LUKS\u00BA\u00BE")]
    public async Task What_has_no_file_system_in_it_is_named(string type, int offset, string mark)
    {
        byte[] content = new byte[256 * 1024];
        Encoding.Latin1.GetBytes(mark).CopyTo(content.AsSpan(offset));
        string disk = await GuestDisks.PartAsync(
            _folder,
            _folder.Write("part", content),
            "label: gpt\nstart=2048, type=linux\n");
        await RefusedAsync(disk, ImageBuilderFault.Unsupported, type, "1:" + type);
    }

    [Fact]
    public async Task A_disk_of_nothing_known_is_refused()
    {
        string disk = _folder.Write("disk", new byte[1024 * 1024]);
        await RefusedAsync(disk, ImageBuilderFault.MissingInput, "0:unknown", "modules-tree");
    }

    [Fact]
    public async Task A_tiny_disk_is_refused() => await RefusedAsync(
        _folder.Write("disk", new byte[100]), ImageBuilderFault.MissingInput, "0:unknown");

    [Fact]
    public async Task A_kernel_without_its_modules_is_refused()
    {
        GuestTree tree = await MakeTreeAsync();
        await File.WriteAllBytesAsync(
            tree.KernelOf(Release), GuestTree.Kernel("6.1.0-8-amd64"), Cancelled);
        string disk = await GuestDisks.MakeAsync(_folder, "ext4", tree.Root);
        await RefusedAsync(
            disk,
            ImageBuilderFault.MissingInput,
            $"modules are there of {Release}",
            $"boot/vmlinuz-{Release} is 6.1.0-8-amd64");
    }

    [Fact]
    public async Task A_kernel_that_is_none_is_refused()
    {
        GuestTree tree = await MakeTreeAsync();
        await File.WriteAllTextAsync(tree.KernelOf(Release), "not a kernel", Cancelled);
        string disk = await GuestDisks.MakeAsync(_folder, "squashfs", tree.Root);
        await RefusedAsync(disk, ImageBuilderFault.MissingInput, "is no bzImage");
    }

    [Theory]
    [InlineData("ext4")]
    [InlineData("squashfs")]
    [InlineData("erofs")]
    public async Task A_link_to_this_machines_files_is_not_followed(string type)
    {
        GuestTree tree = await MakeTreeAsync();
        string secret = _folder.Write("secret", GuestTree.Kernel(Release));
        File.Delete(tree.KernelOf(Release));
        File.CreateSymbolicLink(tree.KernelOf(Release), secret);
        string disk = await GuestDisks.MakeAsync(_folder, type, tree.Root);
        await RefusedAsync(disk, ImageBuilderFault.MissingInput, "is no bzImage");
    }

    [Fact]
    public async Task A_module_that_the_index_alone_has_is_refused()
    {
        GuestTree tree = await MakeTreeAsync();
        File.Delete(Path.Join(tree.ModulesOf(Release), "kernel/fs/jbd2/jbd2.ko"));
        string disk = await GuestDisks.MakeAsync(_folder, "ext4", tree.Root);
        await RefusedAsync(disk, ImageBuilderFault.MissingInput, "kernel/fs/jbd2/jbd2.ko");
    }

    [Theory]
    [InlineData("kernel/../../../../etc/shadow:")]
    [InlineData("/etc/shadow:")]
    [InlineData("kernel/a\"b.ko:")]
    [InlineData("kernel/a.ko")]
    [InlineData("kernel/fs/ext4/ext4.ko: kernel/`id`.ko")]
    public async Task An_index_with_names_that_no_module_has_is_refused(string line)
    {
        GuestTree tree = await MakeTreeAsync();
        await File.AppendAllTextAsync(
            Path.Join(tree.ModulesOf(Release), "modules.dep"), line + "\n", Cancelled);
        string disk = await GuestDisks.MakeAsync(_folder, "ext4", tree.Root);
        await RefusedAsync(disk, ImageBuilderFault.Damaged, line.Split(' ')[0]);
    }

    [Fact]
    public async Task Two_roots_ask_which_one()
    {
        GuestTree tree = await MakeTreeAsync();
        byte[] fileSystem = await File.ReadAllBytesAsync(
            await GuestDisks.MakeAsync(_folder, "ext4", tree.Root), Cancelled);
        string disk = await GuestDisks.PartAsync(
            _folder,
            _folder.Write("two", [.. fileSystem, .. fileSystem]),
            "label: gpt\nstart=2048, size=32768\nstart=34816, size=32768\n");
        await RefusedAsync(
            disk, ImageBuilderFault.Unsupported, "1:ext4, 2:ext4", "--boot-root");
        await using FileBlockDevice device = FileBlockDevice.Open(disk);
        using BootPack pack = await BootPacker.TakeAsync(
            device,
            new BootPackOptions { RawPath = disk, Root = new BootRoot(2, "ext4") },
            Cancelled);
        Assert.Equal(new BootRoot(2, "ext4"), pack.Root);
    }

    [Fact]
    public async Task A_folder_of_another_kernel_is_refused()
    {
        GuestTree tree = await MakeTreeAsync();
        ImageBuilderException refusal = await Assert.ThrowsAsync<ImageBuilderException>(
            () => BootPacker.TakeAsync(
                _folder.Write("vmlinuz", GuestTree.Kernel("5.10")),
                tree.ModulesOf(Release),
                Cancelled));
        Assert.Contains("is 5.10", refusal.Message, StringComparison.Ordinal);
    }

    private async Task<GuestTree> MakeTreeAsync()
    {
        GuestTree tree = new(Directory.CreateDirectory(_folder["root"]).FullName);
        await tree.AddKernelAsync(Release);
        return tree;
    }

    private static async Task RefusedAsync(
        string disk, ImageBuilderFault fault, params string[] words)
    {
        await using FileBlockDevice device = FileBlockDevice.Open(disk);
        ImageBuilderException refusal = await Assert.ThrowsAsync<ImageBuilderException>(
            () => BootPacker.TakeAsync(
                device, new BootPackOptions { RawPath = disk }, Cancelled));
        Assert.Equal(fault, refusal.Fault);
        Assert.EndsWith(".", refusal.Message, StringComparison.Ordinal);
        Assert.All(words, word => Assert.Contains(word, refusal.Message, StringComparison.Ordinal));
    }
}
