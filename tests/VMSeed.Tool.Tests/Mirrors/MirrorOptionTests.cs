using VMSeed.Testing.Servers;
using VMSeed.Tool.Tests.Running;

namespace VMSeed.Tool.Tests.Mirrors;

public sealed class MirrorOptionTests
{
    [Fact]
    public async Task The_best_mirror_is_killed_in_mid_convert_and_nothing_is_missing()
    {
        using Workshop shop = await Workshop.PublishAsync(24 << 20);
        await using MirrorFarm farm = await MirrorFarm.StartAsync(shop, 3, "limit_rate 2m;");
        string copy = shop["copy.qcow2"];
        await using RunningTool convert = RunningTool.Start(
            ["convert", farm.Address, copy, .. farm.Others, .. shop.Apart]);
        NginxServer? best = null;
        while (best is null && !convert.HasExited)
        {
            foreach (NginxServer server in farm.Servers)
            {
                best = (await server.ReadLogAsync()).Length >= 6 ? server : best;
            }

            await Task.Delay(
                TimeSpan.FromMilliseconds(20),
                TimeProvider.System,
                TestContext.Current.CancellationToken);
        }

        Assert.False(convert.HasExited, convert.Output + convert.Error);
        await best!.DisposeAsync();
        Assert.Equal(0, await convert.WaitAsync());
        (await shop.ReadAsync("convert", copy, shop["copy.raw"])).MustExit(0);
        Assert.Equal(Workshop.HashOf(shop.Disk), Workshop.HashOf(shop["copy.raw"]));
    }

    [Fact]
    public async Task An_address_whose_server_is_gone_is_read_from_its_mirrors()
    {
        using Workshop shop = await Workshop.PublishAsync();
        await using MirrorFarm farm = await MirrorFarm.StartAsync(shop, 3);
        await farm.Servers[0].DisposeAsync();
        Outcome read = await shop.ReadAsync("read", farm.Address, farm.Others);
        Assert.Equal(File.ReadAllBytes(shop.Disk), read.MustExit(0).Bytes);
        Assert.Contains(
            $"{farm.Servers[1].Root}", File.ReadAllText(Path.Join(shop["state"], "mirrors.json")));
        (await shop.ReadAsync("info", farm.Address, farm.Others)).MustExit(0);
        (await shop.ReadAsync("verify", farm.Address, farm.Others)).MustExit(0);
        (await Vmseed.RunAsync(["sync", farm.Address, shop["copy"], .. farm.Others])).MustExit(0);
        (await shop.ReadAsync("read", farm.Address, "--timeout", "1s", "--no-cache"))
            .MustExit(5);
    }

    [Fact]
    public async Task Mirrors_that_the_head_names_are_used_without_being_told()
    {
        using Workshop shop = await Workshop.PublishAsync(1 << 20);
        await using NginxServer mirror = await NginxServer.StartAsync(shop.Repository);
        shop.WriteDisk(seed: 5, 1 << 20);
        (await shop.PackAsync("--mirror", $"{mirror.Root}")).MustExit(0);
        await using NginxServer origin = await NginxServer.StartAsync(shop.Repository);
        string address = $"{origin.Root}images/disk.vmseed#{shop.PublicKey}";
        (await shop.ReadAsync("info", address)).MustExit(0);
        await origin.DisposeAsync();
        Outcome read = await shop.ReadAsync("read", address, "--no-cache");
        Assert.Equal(File.ReadAllBytes(shop.Disk), read.MustExit(0).Bytes);
    }

    [Fact]
    public async Task Wrong_bytes_of_a_mirror_reach_nobody()
    {
        using Workshop shop = await Workshop.PublishAsync();
        await using MirrorFarm farm = await MirrorFarm.StartAsync(shop, 3);
        farm.Damage(0);
        farm.Damage(2);
        Outcome read = await shop.ReadAsync("read", farm.Address, farm.Others);
        Assert.Equal(File.ReadAllBytes(shop.Disk), read.MustExit(0).Bytes);
    }

    [Fact]
    public async Task Lists_of_mirrors_come_from_files_and_from_the_web()
    {
        using Workshop shop = await Workshop.PublishAsync(1 << 20);
        await using MirrorFarm farm = await MirrorFarm.StartAsync(shop, 2);
        string list = shop["list.meta4"];
        File.WriteAllText(list, $"""
            <metalink xmlns="urn:ietf:params:xml:ns:metalink"><file name="disk.vmseed">
            <url priority="1">{farm.Servers[1].Root}images/disk.vmseed</url>
            </file></metalink>
            """);
        File.Copy(list, Path.Join(farm.Folder(1), "list.meta4"));
        await using NginxServer linking = await NginxServer.StartAsync(
            farm.Folder(0),
            $"add_header Link '<{farm.Servers[1].Root}images/disk.vmseed>; rel=duplicate';");
        await farm.Servers[0].DisposeAsync();
        foreach (string place in new[]
        {
            list, $"{farm.Servers[1].Root}list.meta4", $"{linking.Root}images/disk.vmseed",
        })
        {
            (await shop.ReadAsync("verify", farm.Address, "--mirror-list", place)).MustExit(0);
        }

        File.WriteAllText(list, "<html/>");
        (await shop.ReadAsync("verify", farm.Address, "--mirror-list", list))
            .MustFail(6, "no metalink");
        (await shop.ReadAsync("read", shop.Address, "--mirror", "http://a.example/"))
            .MustFail(2, "has no mirrors");
        (await shop.ReadAsync("verify", farm.Address, "--mirror", "a.example"))
            .MustFail(2, "no http or https address");
    }
}
