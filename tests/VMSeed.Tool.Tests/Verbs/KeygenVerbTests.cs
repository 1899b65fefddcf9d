using System.Text.Json;
using VMSeed.Testing;
using VMSeed.Tool.Tests.Running;

namespace VMSeed.Tool.Tests.Verbs;

public sealed class KeygenVerbTests
{
    [Fact]
    public async Task A_pair_is_one_that_minisign_takes()
    {
        using TempFolder folder = new();
        string minisign = Need.Tool("minisign");
        string name = folder["mine"];
        Outcome made = await Vmseed.RunAsync("keygen", name, "--no-password", "--json");
        JsonElement told = made.Json();
        string file = folder.Write("text", "hello"u8);
        Outcome signed = await Vmseed.ShellAsync(
            $"{minisign} -S -s {name}.key -m {file} && {minisign} -V -p {name}.pub -m {file}");
        Assert.Contains("Signature and comment signature verified", signed.MustExit(0).Text);
        string key = told.GetProperty("publicKey").GetString()!;
        Assert.Contains(key, File.ReadAllText(name + ".pub"));
        Assert.Equal("600\n", (await Vmseed.ShellAsync($"stat -c %a {name}.key")).Text);
    }

    [Theory]
    [InlineData(".key")]
    [InlineData(".pub")]
    public async Task A_key_that_is_there_is_overwritten_only_by_force(string suffix)
    {
        using TempFolder folder = new();
        string there = folder.Write("mine" + suffix, "mine"u8);
        string[] line = ["keygen", folder["mine"], "--no-password"];
        (await Vmseed.RunAsync(line)).MustFail(1, "exists");
        Assert.Equal("mine", File.ReadAllText(there));
        (await Vmseed.RunAsync([.. line, "--force"])).MustExit(0);
        Assert.NotEqual("mine", File.ReadAllText(there));
    }

    [Fact]
    public async Task Without_a_terminal_a_password_comes_from_a_file()
    {
        using TempFolder folder = new();
        (await Vmseed.RunAsync("keygen", folder["mine"])).MustFail(2, "--password-file");
        string wrong = folder.Write("empty", default);
        (await Vmseed.RunAsync("keygen", folder["mine"], "--password-file", wrong))
            .MustFail(2, "empty");
        Assert.False(File.Exists(folder["mine.key"]));
    }

    // Each use of a password takes a second and a gibibyte: that is its purpose.
    [Fact]
    [Trait("Stage", "Long")]
    public async Task A_password_opens_the_key_and_another_does_not()
    {
        using TempFolder folder = new();
        string right = folder.Write("right", "correct horse\n"u8);
        string wrong = folder.Write("wrong", "battery staple\n"u8);
        string disk = folder.Write("disk.raw", new byte[4096]);
        (await Vmseed.RunAsync("keygen", folder["mine"], "--password-file", right)).MustExit(0);
        string[] pack = ["pack", disk, "--repo", folder["www"], "--key", folder["mine"]];
        (await Vmseed.RunAsync([.. pack, "--password-file", wrong])).MustFail(3, "password");
        (await Vmseed.RunAsync([.. pack, "--password-file", right])).MustExit(0);
    }
}
