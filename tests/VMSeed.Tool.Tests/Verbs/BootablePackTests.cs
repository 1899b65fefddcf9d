using System.Text.Json;
using VMSeed.Testing.Guests;
using VMSeed.Testing.Peers;
using VMSeed.Tool.Tests.Running;

namespace VMSeed.Tool.Tests.Verbs;

/// <summary><c>vmseed pack --bootable</c>: the kernel and its modules travel with the
/// image.</summary>
public sealed class BootablePackTests
{
    private const string First = "6.1.0-9-amd64";

    private const string Second = "6.1.0-10-amd64";

    [Fact]
    public async Task Kernel_and_modules_become_objects_of_the_image()
    {
        using Workshop shop = await MakeAsync();
        Outcome packed = await shop.PackAsync("--bootable", "--boot-arguments", "net.ifnames=0");
        Assert.Contains($"Kernel        {First}", packed.Text);
        JsonElement told = await InfoAsync(shop);
        Assert.Equal(0, told.GetProperty("bootRoot").GetProperty("partition").GetInt32());
        Assert.Equal("ext4", told.GetProperty("bootRoot").GetProperty("fileSystem").GetString());
        Assert.Equal("net.ifnames=0", told.GetProperty("bootArguments").GetString());
        Assert.Equal(
            [("kernel", $"vmlinuz-{First}"), ("modules", $"modules-{First}.img.xz")],
            Files(told).Select(file => (file.Role, file.Name)));
        Assert.All(Files(told), file => Assert.Contains(
            shop.Objects(), stored => stored.Name == file.Digest));
        (await shop.ReadAsync("verify", shop.Address)).MustExit(0);
        Outcome text = await shop.ReadAsync("info", shop.Address);
        Assert.Contains("Boot root     the whole disk, ext4", text.Text);
    }

    [Fact]
    public async Task The_same_kernel_is_stored_once_and_a_newer_one_travels_with_its_version()
    {
        using Workshop shop = await MakeAsync();
        await shop.PackAsync("--bootable");
        (string, string, string Digest)[] before = Files(await InfoAsync(shop));
        JsonElement again = (await shop.PackAsync("--bootable", "--json")).Json();
        Assert.True(again.GetProperty("unchanged").GetBoolean());
        Assert.Equal(First, again.GetProperty("kernel").GetString());

        // Another file in the guest, the same kernel.
        await File.WriteAllTextAsync(
            shop["tree/etc/motd"], "Good morning.\n", TestContext.Current.CancellationToken);
        await MakeDiskAsync(shop);
        int objects = shop.Objects().Count();
        JsonElement changed = (await shop.PackAsync("--bootable", "--json")).Json();
        Assert.False(changed.GetProperty("unchanged").GetBoolean());
        Assert.Equal(before, Files(await InfoAsync(shop)));
        Assert.InRange(shop.Objects().Count() - objects, 1, 3);

        await new GuestTree(shop["tree"]).AddKernelAsync(Second);
        await MakeDiskAsync(shop);
        await shop.PackAsync("--bootable");
        Assert.Equal($"vmlinuz-{Second}", Files(await InfoAsync(shop))[0].Name);
        (await shop.ReadAsync("verify", shop.Address)).MustExit(0);
    }

    [Fact]
    public async Task A_folder_of_modules_is_taken_by_its_path()
    {
        using Workshop shop = await MakeAsync();
        GuestTree tree = new(shop["tree"]);
        await shop.PackAsync(
            "--boot", $"kernel={tree.KernelOf(First)}",
            "--boot", $"modules-tree={tree.ModulesOf(First)}",
            "--boot-root", "0:ext4");
        (string, string, string)[] byPath = Files(await InfoAsync(shop));
        await shop.PackAsync("--bootable", "--force");
        Assert.Equal(byPath, Files(await InfoAsync(shop)));
    }

    [Fact]
    public async Task Another_format_is_read_as_well()
    {
        using Workshop shop = await MakeAsync();
        await PeerProgram.OutputAsync(
            "qemu-img", "convert", "-O", "qcow2", shop.Disk, shop["disk.qcow2"]);
        (await Vmseed.RunAsync(
            "pack", shop["disk.qcow2"], "--repo", shop.Repository, "--name", Workshop.Image,
            "--key", shop.Key, "--bootable")).MustExit(0);
        Assert.Equal($"vmlinuz-{First}", Files(await InfoAsync(shop))[0].Name);
    }

    [Fact]
    public async Task What_cannot_be_is_said()
    {
        using Workshop shop = await MakeAsync();
        string[] line = ["pack", shop.Disk, "--repo", shop.Repository, "--key", shop.Key];
        (await Vmseed.RunAsync([.. line, "--bootable", "--boot", "kernel=/dev/null"]))
            .MustFail(2, "--bootable");
        (await Vmseed.RunAsync([.. line, "--boot", "modules-tree=/lib"]))
            .MustFail(2, "kernel=FILE");
        (await Vmseed.RunAsync([.. line, "--bootable", "--boot-release", "5.10"]))
            .MustFail(4, "5.10");
    }

    private static async Task<Workshop> MakeAsync()
    {
        Workshop shop = await Workshop.PublishAsync(100_000);
        GuestTree tree = new(Directory.CreateDirectory(shop["tree"]).FullName);
        await tree.AddKernelAsync(First);
        await MakeDiskAsync(shop);
        return shop;
    }

    // The same identifier and times, so that versions differ by what is in them.
    private static async Task MakeDiskAsync(Workshop shop)
    {
        File.Delete(shop.Disk);
        await PeerProgram.OutputAsync(
            "mkfs.ext4", "-q", "-d", shop["tree"],
            "-U", "d4b8a2c0-4f0e-4b0a-8f4e-0c5d2a9f1b37", shop.Disk, "16M");
    }

    private static async Task<JsonElement> InfoAsync(Workshop shop) =>
        (await shop.ReadAsync("info", shop.Address, "--json")).Json();

    private static (string Role, string Name, string Digest)[] Files(JsonElement told) =>
    [
        .. told.GetProperty("bootFiles").EnumerateArray().Select(file => (
            file.GetProperty("role").GetString()!,
            file.GetProperty("name").GetString()!,
            file.GetProperty("digest").GetString()!)),
    ];
}
