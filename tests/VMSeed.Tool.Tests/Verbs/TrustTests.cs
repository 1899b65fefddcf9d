using System.Text.RegularExpressions;
using VMSeed.Testing;
using VMSeed.Tool.Tests.Running;

namespace VMSeed.Tool.Tests.Verbs;

/// <summary>Heads that must be refused, each with its reason.</summary>
public sealed class TrustTests
{
    [Fact]
    public async Task The_key_comes_from_a_file_its_name_its_text_or_the_address()
    {
        using Workshop shop = await Workshop.PublishAsync(1 << 20);
        foreach (string key in (string[])[shop["key.pub"], shop["key"], shop.PublicKey])
        {
            (await shop.ReadAsync("info", shop.Head, "--public-key", key))
                .MustExit(0);
        }

        (await shop.ReadAsync("info", shop.Address)).MustExit(0);
    }

    [Fact]
    public async Task Another_key_refuses_and_one_of_several_suffices()
    {
        using Workshop shop = await Workshop.PublishAsync(1 << 20);
        (await Vmseed.RunAsync("keygen", shop["other"], "--no-password")).MustExit(0);
        string[] other = ["-p", shop["other.pub"]];
        (await shop.ReadAsync("info", shop.Head, other)).MustFail(3, "refused: ");
        (await shop.ReadAsync("info", shop.Head, [.. other, "-p", shop.PublicKey])).MustExit(0);
    }

    [Fact]
    public async Task A_head_without_its_signature_is_refused()
    {
        using Workshop shop = await Workshop.PublishAsync(1 << 20);
        string[] lines = File.ReadAllLines(shop.Head);
        File.WriteAllText(shop.Head, string.Join('\n', lines[..^4]) + "\n");
        (await shop.ReadAsync("info", shop.Address)).MustFail(3, "no signature");
    }

    [Fact]
    public async Task A_head_that_was_changed_is_refused()
    {
        using Workshop shop = await Workshop.PublishAsync(1 << 20);
        string text = File.ReadAllText(shop.Head);
        string changed = Regex.Replace(text, "\"version\": ?1", "\"version\":2");
        Assert.NotEqual(text, changed);
        File.WriteAllText(shop.Head, changed);
        (await shop.ReadAsync("info", shop.Address)).MustFail(3, "refused: ");
    }

    [Fact]
    public async Task An_old_head_is_refused_by_who_has_seen_a_newer_one()
    {
        using Workshop shop = await Workshop.PublishAsync(1 << 20);
        byte[] old = File.ReadAllBytes(shop.Head);
        shop.WriteDisk(seed: 2, 1 << 20);
        await shop.PackAsync();
        (await shop.ReadAsync("info", shop.Address)).MustExit(0);
        File.WriteAllBytes(shop.Head, old);
        (await shop.ReadAsync("info", shop.Address)).MustFail(3, "version 1");
        string[] forgetful = ["--state", shop["state2"], "--no-cache"];
        (await Vmseed.RunAsync(["info", shop.Address, .. forgetful])).MustExit(0);
        string first = shop.Head.Replace("disk.vmseed", "disk/1.vmseed");
        (await shop.ReadAsync("info", $"{first}#{shop.PublicKey}")).MustExit(0);
    }

    [Fact]
    public async Task A_head_that_has_expired_is_refused_until_it_is_signed_again()
    {
        using Workshop shop = await Workshop.PublishAsync(1 << 20);
        string[] sign = ["sign", "-r", shop.Repository, "-n", Workshop.Image, "-k", shop.Key];
        (await Vmseed.RunAsync([.. sign, "--expires", "1s"])).MustExit(0);
        await Task.Delay(
            TimeSpan.FromSeconds(2), TimeProvider.System, TestContext.Current.CancellationToken);
        (await shop.ReadAsync("info", shop.Address)).MustFail(3, "expired");
        (await Vmseed.RunAsync([.. sign, "--expires", "90d"])).MustExit(0);
        (await shop.ReadAsync("info", shop.Address)).MustExit(0);
    }

    [Fact]
    public async Task A_head_under_another_name_is_refused()
    {
        using Workshop shop = await Workshop.PublishAsync(1 << 20);
        File.Copy(shop.Head, shop.Head.Replace("disk.vmseed", "other.vmseed"));
        string other = shop.Address.Replace("disk.vmseed", "other.vmseed");
        (await shop.ReadAsync("info", other)).MustFail(3, "head of 'disk'");
    }

    [Fact]
    public async Task Minisign_itself_verifies_a_head_that_is_split()
    {
        string minisign = Need.Tool("minisign");
        using Workshop shop = await Workshop.PublishAsync(1 << 20);
        Outcome outcome = await Vmseed.ShellAsync(
            $"cd {shop.Root}; head -n -4 {shop.Head} >text; tail -n 4 {shop.Head} >text.minisig; "
            + $"{minisign} -V -p key.pub -m text");
        Assert.Contains("Signature and comment signature verified", outcome.MustExit(0).Text);
    }
}
