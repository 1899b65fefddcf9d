using System.Text.Json;
using VMSeed.Testing.Servers;
using VMSeed.Tool.Tests.Running;

namespace VMSeed.Tool.Tests.Verbs;

public sealed class SyncVerbTests
{
    [Fact]
    public async Task A_mirror_of_a_folder_and_a_mirror_of_that_mirror_read_alike()
    {
        using Workshop shop = await Workshop.PublishAsync();
        Outcome first =
            (await Vmseed.RunAsync("sync", shop.Repository, shop["near"])).MustExit(0);
        Assert.Contains("has disk version 1.", first.Text);
        Assert.Contains("2 new heads.", first.Text);
        await using NginxServer nginx = await NginxServer.StartAsync(shop["near"]);
        string address = $"{nginx.Root}images/disk.vmseed#{shop.PublicKey}";
        JsonElement second =
            (await Vmseed.RunAsync("sync", address, shop["far"], "--json")).Json();
        Assert.Equal(
            shop.Objects().Sum(file => file.Length),
            second.GetProperty("copiedBytes").GetInt64());
        string copy = $"{shop["far"]}/images/disk.vmseed#{shop.PublicKey}";
        (await shop.ReadAsync("verify", copy)).MustExit(0);
        Assert.Equal(File.ReadAllBytes(shop.Disk), (await shop.ReadAsync("read", copy)).Bytes);
        JsonElement again =
            (await Vmseed.RunAsync("sync", address, shop["far"], "--json", "--delete")).Json();
        Assert.Equal(0, again.GetProperty("copiedBytes").GetInt64());
        Assert.Equal(0, again.GetProperty("deletedObjects").GetInt64());
    }

    [Fact]
    public async Task A_killed_copy_is_invisible_and_the_next_one_goes_on()
    {
        using Workshop shop = await Workshop.PublishAsync(40 << 20);
        await using NginxServer nginx = await NginxServer.StartAsync(
            shop.Repository, "limit_rate 3m;");
        string address = $"{nginx.Root}images/disk.vmseed#{shop.PublicKey}";
        await using (RunningTool copy = RunningTool.Start("sync", address, shop["mirror"]))
        {
            while (Packs(shop["mirror"]) < 2 && !copy.HasExited)
            {
                await Task.Delay(
                    TimeSpan.FromMilliseconds(10),
                    TimeProvider.System,
                    TestContext.Current.CancellationToken);
            }

            Assert.False(copy.HasExited, copy.Error);
            await copy.KillAsync();
        }

        Assert.Empty(Directory.GetFiles(shop["mirror/images"]));
        int before = Packs(shop["mirror"]);
        JsonElement done =
            (await Vmseed.RunAsync("sync", address, shop["mirror"], "--json")).Json();
        Assert.Equal(
            done.GetProperty("objects").GetInt64() - before,
            done.GetProperty("copiedObjects").GetInt64());
        string mirrored = $"{shop["mirror"]}/images/disk.vmseed#{shop.PublicKey}";
        (await shop.ReadAsync("verify", mirrored)).MustExit(0);
    }

    [Fact]
    public async Task Wrong_use_is_told_in_a_line()
    {
        using Workshop shop = await Workshop.PublishAsync(1 << 20);
        (await Vmseed.RunAsync("sync", shop.Repository, shop.Repository))
            .MustFail(2, "both the source and the mirror");
        (await Vmseed.RunAsync("sync", shop["nowhere"], shop["mirror"]))
            .MustFail(2, "does not end in .vmseed");
        (await Vmseed.RunAsync("sync", shop.Repository, shop["mirror"], "--image", "none"))
            .MustFail(4, "no image 'none'");
        await using NginxServer nginx = await NginxServer.StartAsync(shop.Repository);
        (await Vmseed.RunAsync("sync", $"{nginx.Root}images/disk.vmseed", shop["mirror"]))
            .MustFail(3, "no public key");
    }

    private static int Packs(string root) => Directory.Exists(Path.Join(root, "objects"))
        ? Directory.EnumerateDirectories(Path.Join(root, "objects"))
            .Sum(folder => Directory.GetFiles(folder).Length)
        : 0;
}
