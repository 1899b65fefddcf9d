using System.Text.Json;
using VMSeed.Tool.Tests.Running;

namespace VMSeed.Tool.Tests.Verbs;

public sealed class SignVerbTests
{
    [Fact]
    public async Task Another_key_takes_over_or_signs_beside()
    {
        using Workshop shop = await Workshop.PublishAsync(1 << 20);
        (await Vmseed.RunAsync("keygen", shop["other"], "--no-password")).MustExit(0);
        string[] sign =
            ["sign", "-r", shop.Repository, "-n", Workshop.Image, "-k", shop["other"]];
        string[] mine = ["-p", shop.PublicKey];
        string[] other = ["-p", shop["other.pub"]];
        (await Vmseed.RunAsync([.. sign, "--add"])).MustExit(0);
        (await shop.ReadAsync("info", shop.Head, mine)).MustExit(0);
        (await shop.ReadAsync("info", shop.Head, other)).MustExit(0);
        JsonElement told = (await Vmseed.RunAsync([.. sign, "--expires", "30d", "--json"])).Json();
        Assert.NotNull(told.GetProperty("expires").GetString());
        (await shop.ReadAsync("info", shop.Head, mine)).MustFail(3, "refused");
        (await shop.ReadAsync("info", shop.Head, other)).MustExit(0);
    }

    [Fact]
    public async Task What_is_missing_is_asked_for()
    {
        using Workshop shop = await Workshop.PublishAsync(1 << 20);
        string[] sign = ["sign", "--repo", shop.Repository];
        (await Vmseed.RunAsync([.. sign, "--key", shop.Key])).MustFail(2, "--name");
        (await Vmseed.RunAsync([.. sign, "--name", "disk"])).MustFail(2, "--key");
        (await Vmseed.RunAsync([.. sign, "--name", "none", "--key", shop.Key]))
            .MustFail(4, "no image 'none'");
    }
}
