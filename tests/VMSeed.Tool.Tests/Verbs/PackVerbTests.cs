using System.Text.Json;
using VMSeed.Testing;
using VMSeed.Tool.Tests.Running;

namespace VMSeed.Tool.Tests.Verbs;

public sealed class PackVerbTests
{
    [Fact]
    public async Task What_is_published_has_an_address_with_its_key()
    {
        using Workshop shop = await Workshop.PublishAsync();
        Outcome again = await shop.PackAsync("--force", "--mirror", "https://example.org/a/");
        Assert.Contains("version 2", again.Text);
        Assert.Contains(shop.Address, again.Text);
        Assert.Contains($"https://example.org/a/images/disk.vmseed#{shop.PublicKey}", again.Text);
        Assert.Empty(again.Error);
        Outcome quiet = await shop.PackAsync("--quiet");
        Assert.Equal(shop.Address, quiet.Text.TrimEnd());
    }

    [Fact]
    public async Task Only_what_changed_is_stored_again()
    {
        using Workshop shop = await Workshop.PublishAsync();
        await using (FileStream disk = File.OpenWrite(shop.Disk))
        {
            disk.Position = 100_000;
            disk.WriteByte(77);
        }

        JsonElement told = (await shop.PackAsync("--json")).Json();
        Assert.Equal(2, told.GetProperty("version").GetInt64());
        Assert.Equal(1, told.GetProperty("newBlocks").GetInt64());
        Assert.True(told.GetProperty("zeroBlocks").GetInt64() > 20);
        Outcome read = await shop.ReadAsync("read", shop.Address);
        Assert.Equal(File.ReadAllBytes(shop.Disk), read.MustExit(0).Bytes);
    }

    [Fact]
    public async Task Nobody_publishes_without_a_key_by_mistake()
    {
        using TempFolder folder = new();
        string disk = folder.Write("disk.raw", new byte[10_000]);
        string[] line = ["pack", disk, "--repo", folder["www"]];
        (await Vmseed.RunAsync(line)).MustFail(2, "--key");
        (await Vmseed.RunAsync([.. line, "--key", folder["none"]])).MustFail(4, "no secret key");
        (await Vmseed.RunAsync([.. line, "--unsigned"])).MustExit(0);
        string head = folder["www/images/disk.vmseed"];
        string[] read = ["read", head, "--no-cache", "--state", folder["state"]];
        (await Vmseed.RunAsync(read)).MustFail(3, "--public-key");
        Outcome allowed = (await Vmseed.RunAsync([.. read, "--allow-unsigned"])).MustExit(0);
        Assert.Equal(new byte[10_000], allowed.Bytes);
    }

    [Fact]
    public async Task Options_reach_the_image()
    {
        using Workshop shop = await Workshop.PublishAsync();
        await shop.PackAsync(
            "--force", "--block-size", "16K", "--codec", "deflate", "--level", "9",
            "--expires", "2090-01-02", "--boot", $"kernel={shop["key.pub"]}",
            "--boot-root", "1:ext4", "--boot-arguments", "quiet");
        JsonElement told = (await shop.ReadAsync("info", shop.Address, "--json")).Json();
        Assert.Equal(16384, told.GetProperty("blockSize").GetInt32());
        Assert.StartsWith("2090-01-02", told.GetProperty("expires").GetString());
        JsonElement file = Assert.Single(told.GetProperty("bootFiles").EnumerateArray());
        Assert.Equal("kernel", file.GetProperty("role").GetString());
        (await shop.ReadAsync("verify", shop.Address)).MustExit(0);
    }

    [Fact]
    public async Task A_pack_that_was_killed_goes_on()
    {
        using Workshop shop = await Workshop.PublishAsync(1 << 20);
        // Random bytes at a slow level: a second or two of work, in packs of 8 MiB.
        byte[] noise = new byte[24 << 20];
        new Random(7).NextBytes(noise);
        await File.WriteAllBytesAsync(shop.Disk, noise, TestContext.Current.CancellationToken);
        string[] line =
        [
            "pack", shop.Disk, "--repo", shop.Repository, "--name", Workshop.Image,
            "--key", shop.Key, "--level", "15", "--workers", "1",
        ];
        await using (RunningTool pack = RunningTool.Start(line))
        {
            while (!shop.Objects().Any(file => file.Length > 4 << 20))
            {
                Assert.False(pack.HasExited, pack.Error);
                await Task.Delay(
                    TimeSpan.FromMilliseconds(5),
                    TimeProvider.System,
                    TestContext.Current.CancellationToken);
            }

            await pack.KillAsync();
        }

        JsonElement before = (await shop.ReadAsync("info", shop.Address, "--json")).Json();
        Assert.Equal(1, before.GetProperty("version").GetInt64());
        JsonElement told = (await Vmseed.RunAsync([.. line, "--json"])).Json();
        Assert.InRange(told.GetProperty("knownBlocks").GetInt64(), 64, 384 - 64);
        (await shop.ReadAsync("verify", shop.Address)).MustExit(0);
        Outcome read = await shop.ReadAsync("read", shop.Address);
        Assert.True(noise.AsSpan().SequenceEqual(read.MustExit(0).Bytes));
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named()
    {
        using Workshop shop = await Workshop.PublishAsync();
        Outcome outcome = await Vmseed.RunAsync(
            "pack", shop["nothing.raw"], "--repo", shop.Repository, "--key", shop.Key);
        outcome.MustFail(4, "nothing.raw");
    }
}
