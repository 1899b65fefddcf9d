using VMSeed.Testing;
using VMSeed.Testing.Servers;
using VMSeed.Tool.Tests.Running;

namespace VMSeed.Tool.Tests.Mounting;

public sealed class MountVerbTests
{
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(20);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_mounted_file_is_the_disk_and_Ctrl_C_takes_it_away()
    {
        using Workshop shop = await Workshop.PublishAsync();
        await using NginxServer nginx = await NginxServer.StartAsync(shop.Repository);
        string address = $"{nginx.Root}images/disk.vmseed#{shop.PublicKey}";
        await using MountedImage mount = await MountedImage.StartAsync(shop, "mnt", address);
        Assert.Equal(Workshop.HashOf(shop.Disk), Workshop.HashOf(mount.File));
        Assert.Contains("mount -o loop,ro", mount.Tool.Output);
        Assert.Equal(0, await mount.Tool.InterruptAsync());
        Assert.Contains("Unmounted. Fetched", mount.Tool.Output);
        Assert.False(MountedImage.IsMounted(mount.Folder));
    }

    [Fact]
    public async Task A_file_system_inside_is_clean_and_holds_its_files()
    {
        string mkfs = Need.Tool("mkfs.ext4");
        string fsck = Need.Tool("fsck.ext4");
        using TempFolder files = new();
        byte[] content = new byte[3_000_000];
        new Random(5).NextBytes(content);
        files.Write("tree/folder/file", content);
        using Workshop shop = await Workshop.PublishAsync(async disk =>
            (await Vmseed.ShellAsync(
                $"truncate -s 64M {disk} && {mkfs} -q -d {files["tree"]} {disk}")).MustExit(0));
        await using MountedImage mount =
            await MountedImage.StartAsync(shop, "mnt", shop.Address);
        (await Vmseed.ShellAsync($"{fsck} -f -n {mount.File}")).MustExit(0);
        Assert.SkipUnless(Environment.UserName == "root", "Only root may loop-mount.");
        string root = Directory.CreateDirectory(shop["root"]).FullName;
        Outcome loop = await Vmseed.ShellAsync(
            $"mount -o loop,ro {mount.File} {root} && cat {root}/folder/file; umount {root}");
        Assert.Equal(content, loop.MustExit(0).Bytes);
    }

    [Fact]
    public async Task A_server_that_dies_is_an_error_of_the_read_and_not_of_the_mount()
    {
        using Workshop shop = await Workshop.PublishAsync();
        await using ServedFolder server = await ServedFolder.StartAsync(shop.Repository);
        await using MountedImage mount = await MountedImage.StartAsync(
            shop,
            "mnt",
            $"{server.Address}/images/disk.vmseed#{shop.PublicKey}",
            "--timeout", "2s", "--no-cache", "--no-read-ahead");
        await server.KillAsync();
        long start = TimeProvider.System.GetTimestamp();
        Assert.Throws<IOException>(() => ReadAt(mount.File, 5 << 20));
        TimeSpan waited = TimeProvider.System.GetElapsedTime(start);
        Assert.InRange(waited.TotalSeconds, 1, 15);
        await server.RestartAsync();
        byte[] disk = File.ReadAllBytes(shop.Disk);
        Assert.Equal(disk[(5 << 20)..((5 << 20) + 4096)], ReadAt(mount.File, 5 << 20));
        Assert.Equal(Workshop.HashOf(shop.Disk), Workshop.HashOf(mount.File));
    }

    [Fact]
    public async Task A_mount_that_is_killed_leaves_none_behind()
    {
        using Workshop shop = await Workshop.PublishAsync(1 << 20);
        await using (MountedImage mount =
            await MountedImage.StartAsync(shop, "mnt", shop.Address))
        {
            Assert.True(MountedImage.IsMounted(mount.Folder));
            await mount.Tool.KillAsync();
            for (int tries = 0; MountedImage.IsMounted(mount.Folder); tries++)
            {
                Assert.True(tries < 250, "The mount is still there after 5 seconds.");
                await Task.Delay(_poll, TimeProvider.System, Cancel);
            }
        }

        await using MountedImage again =
            await MountedImage.StartAsync(shop, "mnt", shop.Address);
        Assert.Equal(Workshop.HashOf(shop.Disk), Workshop.HashOf(again.File));
    }

    [Fact]
    public async Task Two_mounts_share_what_either_has_fetched()
    {
        using Workshop shop = await Workshop.PublishAsync();
        await using NginxServer nginx = await NginxServer.StartAsync(shop.Repository);
        string address = $"{nginx.Root}images/disk.vmseed#{shop.PublicKey}";
        await using MountedImage first = await MountedImage.StartAsync(shop, "one", address);
        await using MountedImage second = await MountedImage.StartAsync(shop, "two", address);
        string expected = Workshop.HashOf(shop.Disk);
        Assert.Equal(expected, Workshop.HashOf(first.File));
        int before = (await nginx.ReadLogAsync()).Count(IsRanged);
        Assert.Equal(expected, Workshop.HashOf(second.File));
        Assert.Equal(before, (await nginx.ReadLogAsync()).Count(IsRanged));
    }

    [Fact]
    public async Task What_cannot_be_a_mount_point_is_told()
    {
        using Workshop shop = await Workshop.PublishAsync(1 << 20);
        Outcome outcome = await shop.ReadAsync("mount", shop.Address, shop["nowhere"]);
        outcome.MustFail(1, "nowhere");
    }

    // Packs are asked for by range; heads and index pages, which a mount needs for itself, are not.
    private static bool IsRanged(string[] line) => line[3] != "-";

    private static byte[] ReadAt(string path, long offset)
    {
        byte[] bytes = new byte[4096];
        using FileStream file = new(
            path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        file.Position = offset;
        file.ReadExactly(bytes);
        return bytes;
    }
}
