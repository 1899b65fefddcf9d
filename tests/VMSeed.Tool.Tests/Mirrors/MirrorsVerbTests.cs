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

    [Fact]
    public async Task A_comparison_finds_what_is_missing_and_where()
    {
        using Workshop shop = await Workshop.PublishAsync(1 << 20);
        await using MirrorFarm farm = await MirrorFarm.StartAsync(shop, 3);
        farm.Lose(1);
        string[] verify = [.. farm.Others, "--verify", "--json", "--timeout", "2s"];
        foreach (string[] how in new string[][] { verify, [.. verify, "--all"] })
        {
            Outcome outcome = (await shop.ReadAsync("mirrors", farm.Address, how)).MustExit(4);
            using var report = JsonDocument.Parse(outcome.Text);
            JsonElement rows = report.RootElement;
            Assert.Equal(
                [0, 1, 0],
                rows.EnumerateArray().Select(row => Math.Min(
                    1, row.GetProperty("faults").GetArrayLength())));
            Assert.All(
                rows[1].GetProperty("faults").EnumerateArray(),
                fault => Assert.Contains(
                    "objects/", fault.GetProperty("message").GetString()));
        }
    }
}
