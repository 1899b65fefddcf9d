using System.Text.Json;
using VMSeed.Tool.Tests.Running;

namespace VMSeed.Tool.Tests.Mirrors;

public sealed class MirrorsVerbTests
{
    [Fact]
    public async Task A_mirror_that_flips_bits_is_shown_as_quarantined_and_the_others_as_healthy()
    {
        using Workshop shop = await Workshop.PublishAsync();
        await using MirrorFarm farm = await MirrorFarm.StartAsync(shop, 3);
        farm.Damage(1);
        JsonElement rows = (await shop.ReadAsync(
            "mirrors", farm.Address, [.. farm.Others, "--json", "--timeout", "5s"])).Json();
        Assert.Equal(
            ["healthy", "quarantined", "healthy"],
            rows.EnumerateArray().Select(row => row.GetProperty("state").GetString()));
        Assert.All(
            rows.EnumerateArray(),
            row => Assert.True(row.GetProperty("firstByteMilliseconds").GetDouble() > 0));
    }

    [Fact]
    public async Task A_comparison_finds_what_is_late_and_what_is_corrupt()
    {
        using Workshop shop = await Workshop.PublishAsync(1 << 20);
        await using MirrorFarm farm = await MirrorFarm.StartAsync(shop, 3);
        string[] verify = [.. farm.Others, "--verify", "--timeout", "2s"];
        (await shop.ReadAsync("mirrors", farm.Address, [.. verify, "--all"])).MustExit(0);
        shop.WriteDisk(seed: 7, 1 << 20);
        await shop.PackAsync();
        (await Vmseed.RunAsync("sync", shop.Repository, farm.Folder(0))).MustExit(0);
        Outcome late = (await shop.ReadAsync("mirrors", farm.Address, verify)).MustExit(4);
        Assert.Contains("late", late.Text);
        farm.Damage(2);
        Outcome bad = (await shop.ReadAsync("mirrors", farm.Address, [.. verify, "--all"]))
            .MustExit(6);
        Assert.Contains("corrupt", bad.Text);
    }
}
