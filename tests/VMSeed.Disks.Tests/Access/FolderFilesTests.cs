using VMSeed.Blocks;
using VMSeed.Disks.Access;
using VMSeed.Disks.Binary;
using VMSeed.Testing;

namespace VMSeed.Disks.Tests.Access;

/// <summary>A name in an image is a wish: what lies outside of the granted folders does not
/// exist.</summary>
public sealed class FolderFilesTests : IDisposable
{
    private readonly TempFolder _root = new();
    private readonly string _images;
    private readonly string _others;

    public FolderFilesTests()
    {
        _images = Directory.CreateDirectory(Path.Join(_root.Root, "images")).FullName;
        _others = Directory.CreateDirectory(Path.Join(_root.Root, "images-of-others")).FullName;
        Directory.CreateDirectory(Path.Join(_images, "below"));
        File.WriteAllText(Path.Join(_images, "parent.vhd"), "parent");
        File.WriteAllText(Path.Join(_images, "below", "extent.vmdk"), "extent");
        File.WriteAllText(Path.Join(_others, "secret.vmdk"), "secret");
        File.CreateSymbolicLink(Path.Join(_images, "link.vmdk"), Path.Join(_others, "secret.vmdk"));
        File.CreateSymbolicLink(Path.Join(_images, "inside.vhd"), Path.Join(_images, "parent.vhd"));
        Directory.CreateSymbolicLink(Path.Join(_images, "door"), _others);
        File.CreateSymbolicLink(Path.Join(_images, "round.vmdk"), "door/secret.vmdk");
        File.CreateSymbolicLink(Path.Join(_images, "ring.vmdk"), "ring.vmdk");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("parent.vhd", "parent")]
    [InlineData("./parent.vhd", "parent")]
    [InlineData(@".\parent.vhd", "parent")]
    [InlineData("below/extent.vmdk", "extent")]
    [InlineData(@"below\..\parent.vhd", "parent")]
    [InlineData("inside.vhd", "parent")]
    public async Task What_lies_in_the_folder_or_below_is_opened(string name, string content) =>
        Assert.Equal(content, await ReadAsync(new FolderFiles(_images), name));

    [Theory]
    [InlineData("../images-of-others/secret.vmdk")]
    [InlineData(@"..\images-of-others\secret.vmdk")]
    [InlineData("link.vmdk")]
    [InlineData("door/secret.vmdk")]
    [InlineData("round.vmdk")]
    [InlineData("ring.vmdk")]
    [InlineData("/etc/passwd")]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("parent.vhd\0.vmdk")]
    public async Task What_lies_elsewhere_is_refused_with_the_way_to_grant_it(string name)
    {
        DiskFormatException refusal = await Assert.ThrowsAsync<DiskFormatException>(
            () => ReadAsync(new FolderFiles(_images), name));
        Assert.Equal(DiskFault.NotGranted, refusal.Fault);
        Assert.NotNull(refusal.FileName);
        Assert.EndsWith(".", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../images-of-others/secret.vmdk")]
    [InlineData("link.vmdk")]
    [InlineData("door/secret.vmdk")]
    [InlineData("round.vmdk")]
    public async Task A_granted_folder_is_open_too(string name) =>
        Assert.Equal("secret", await ReadAsync(new FolderFiles(_images, _others), name));

    [Fact]
    public async Task A_file_that_is_not_there_is_missing_and_not_refused()
    {
        DiskFormatException missing = await Assert.ThrowsAsync<DiskFormatException>(
            () => ReadAsync(new FolderFiles(_images), "nowhere/base.vmdk"));
        Assert.Equal(DiskFault.MissingFile, missing.Fault);
    }

    [Fact]
    public async Task A_parent_in_a_folder_below_may_go_back_to_the_image_s_own()
    {
        ResolvedFile below = await new FolderFiles(_images)
            .OpenAsync("below/extent.vmdk", FileAccess.Read, Token);
        await using BlockDevice device = below.Device;
        Assert.Equal("parent", await ReadAsync(below.Files, "../parent.vhd"));
    }

    [Fact]
    public async Task New_files_keep_to_the_folder()
    {
        var files = new FolderFiles(_images);
        await using (BlockDevice made = await files.CreateAsync("disk-s001.vmdk", Token))
        {
            await made.SetLengthAsync(3, Token);
        }

        Assert.Equal(3, new FileInfo(Path.Join(_images, "disk-s001.vmdk")).Length);
        await Assert.ThrowsAsync<DiskFormatException>(
            async () => await files.CreateAsync("../escaped.vmdk", Token));
        Assert.False(File.Exists(Path.Join(_root.Root, "escaped.vmdk")));
    }

    [Fact]
    public async Task Without_a_grant_there_is_no_file_at_all()
    {
        DiskFormatException refusal = await Assert.ThrowsAsync<DiskFormatException>(
            () => ReadAsync(FileResolver.None, "parent.vhd"));
        Assert.Equal(DiskFault.NotGranted, refusal.Fault);
        Assert.Contains("VirtualDiskOptions.Files", refusal.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _root.Dispose();

    private static async Task<string> ReadAsync(FileResolver files, string name)
    {
        ResolvedFile file = await files.OpenAsync(name, FileAccess.Read, Token);
        await using BlockDevice device = file.Device;
        byte[] content = new byte[device.Length];
        await device.ReadAsync(0, content, Token);
        return System.Text.Encoding.ASCII.GetString(content);
    }
}
