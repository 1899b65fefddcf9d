using System.Text.Json;
using VMSeed.Testing.Servers;
using VMSeed.Tool.Tests.Running;

namespace VMSeed.Tool.Tests.Verbs;

public sealed class VerifyVerbTests
{
    [Fact]
    public async Task A_good_image_is_good_and_a_bad_object_is_named()
    {
        using Workshop shop = await Workshop.PublishAsync();
        await using NginxServer nginx = await NginxServer.StartAsync(shop.Repository);
        string address = $"{nginx.Root}images/disk.vmseed#{shop.PublicKey}";
        Outcome good = (await shop.ReadAsync("verify", address)).MustExit(0);
        Assert.Contains("all good", good.Text);
        string pack = shop.DamagePack();
        Outcome bad = (await shop.ReadAsync("verify", address, "--timeout", "1s")).MustExit(6);
        Assert.Contains($"corrupt      {pack}: ", bad.Text);
        File.Delete(Path.Join(shop.Repository, pack));
        Outcome gone = (await shop.ReadAsync("verify", address, "--json")).MustExit(4);
        JsonElement fault = Assert.Single(
            JsonDocument.Parse(gone.Bytes).RootElement.GetProperty("faults").EnumerateArray());
        Assert.Equal(pack, fault.GetProperty("path").GetString());
        Assert.Equal("missing", fault.GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Without_a_key_there_is_nothing_to_hold_it_to()
    {
        using Workshop shop = await Workshop.PublishAsync(1 << 20);
        (await shop.ReadAsync("verify", shop.Head)).MustFail(3, "no public key");
        Outcome allowed = await shop.ReadAsync("verify", shop.Head, "--allow-unsigned");
        Assert.Contains("warning", allowed.MustExit(0).Error);
    }
}
