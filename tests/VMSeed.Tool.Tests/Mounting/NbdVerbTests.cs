using System.Text.Json;
using VMSeed.Testing;
using VMSeed.Testing.Peers;
using VMSeed.Testing.Servers;
using VMSeed.Tool.Tests.Running;

namespace VMSeed.Tool.Tests.Mounting;

public sealed class NbdVerbTests
{
    [Fact]
    public async Task A_published_image_is_a_block_device_that_tells_what_it_fetched()
    {
        using Workshop shop = await Workshop.PublishAsync();
        await using NginxServer nginx = await NginxServer.StartAsync(shop.Repository);
        string address = $"{nginx.Root}images/disk.vmseed#{shop.PublicKey}";
        await using RunningTool tool = await StartAsync(shop, address, "--no-read-ahead");
        string uri = UriOf(shop, string.Empty);
        Assert.Contains("read-only", tool.Output);
        Assert.True(await RemoteBytesAsync(uri) > 0);
        string copy = shop["copy.raw"];
        await PeerProgram.OutputAsync("nbdcopy", "--connections=4", uri, copy);
        Assert.Equal(Workshop.HashOf(shop.Disk), Workshop.HashOf(copy));
        Assert.Equal(0, await RemoteBytesAsync(uri));
        Assert.Equal(0, await tool.InterruptAsync());
        Assert.Contains("Fetched", tool.Output);
        Assert.False(File.Exists(shop["nbd.sock"]));
    }

    [Fact]
    public async Task Several_images_are_served_and_changed_where_that_is_asked_for()
    {
        Need.Tool("nbdcopy");
        using Workshop shop = await Workshop.PublishAsync(1 << 20);
        using TempFolder folder = new();
        string one = folder.Write("one.raw", new byte[1 << 20]);
        string two = folder.Write("two.raw", Pattern.Random(1 << 20, seed: 2));
        await using RunningTool tool = await StartAsync(
            shop, one, "--writable", "--export", $"second={two}");
        await PeerProgram.OutputAsync(
            "nbdcopy", UriOf(shop, "second"), UriOf(shop, string.Empty));
        Assert.Equal(0, await tool.InterruptAsync());
        Assert.Equal(Workshop.HashOf(two), Workshop.HashOf(one));
    }

    [Fact]
    public async Task What_cannot_be_written_or_listened_at_is_told()
    {
        using Workshop shop = await Workshop.PublishAsync(1 << 20);
        Outcome outcome = await shop.ReadAsync(
            "nbd", "https://example.invalid/disk.raw", "--writable", "-s", shop["nbd.sock"]);
        outcome.MustFail(2, "only local files");
        outcome = await shop.ReadAsync("nbd", shop.Disk, "-s", shop["no/such/folder.sock"]);
        outcome.MustFail(1, "folder.sock");
        outcome = await shop.ReadAsync("nbd", shop.Disk, "--export", "nameless");
        outcome.MustFail(2, "NAME=ADDRESS");
        outcome = await shop.ReadAsync("nbd", shop.Disk, "--tls", shop["nowhere"]);
        outcome.MustFail(4, "server-cert.pem");
    }

    [Fact]
    public async Task A_socket_that_systemd_passes_is_served_at_and_left_to_it()
    {
        Need.Tool("systemd-socket-activate");
        Need.Tool("nbdcopy");
        using Workshop shop = await Workshop.PublishAsync(1 << 20);
        string socket = shop["nbd.sock"];
        await using RunningTool tool = RunningTool.StartBy(
            ["systemd-socket-activate", .. Runtime(), $"--listen={socket}"],
            ["nbd", shop.Disk, .. shop.Apart]);
        while (!File.Exists(socket) && !tool.HasExited)
        {
            await Task.Delay(
                TimeSpan.FromMilliseconds(20),
                TimeProvider.System,
                TestContext.Current.CancellationToken);
        }

        string copy = shop["copy.raw"];
        await PeerProgram.OutputAsync("nbdcopy", UriOf(shop, string.Empty), copy);
        Assert.Equal(Workshop.HashOf(shop.Disk), Workshop.HashOf(copy));
        Assert.Contains($"socket={socket}", tool.Output);
        Assert.Equal(0, await tool.InterruptAsync());
        Assert.True(File.Exists(socket));
    }

    // It passes little of the environment on by itself.
    private static string[] Runtime() =>
        Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } root
            ? [$"--setenv=DOTNET_ROOT={root}"] : [];

    private static Task<RunningTool> StartAsync(
        Workshop shop, string address, params string[] more) => RunningTool.StartAsync(
            "Ctrl-C ends it.", ["nbd", address, "-s", shop["nbd.sock"], .. shop.Apart, .. more]);

    private static string UriOf(Workshop shop, string export) =>
        $"nbd+unix:///{export}?socket={shop["nbd.sock"]}";

    private static async Task<long> RemoteBytesAsync(string uri)
    {
        using JsonDocument map = JsonDocument.Parse(
            await PeerProgram.OutputAsync("nbdinfo", "--map=x-vmseed:local", "--json", uri));
        return map.RootElement.EnumerateArray()
            .Where(run => run.GetProperty("type").GetInt32() == 1)
            .Sum(run => run.GetProperty("length").GetInt64());
    }
}
