using System.Text.Json;
using VMSeed.Tool.Tests.Running;

namespace VMSeed.Tool.Tests.Verbs;

public sealed class InfoVerbTests
{
    [Fact]
    public async Task Info_tells_the_size_and_who_signed()
    {
        using Workshop shop = await Workshop.PublishAsync();
        long length = new FileInfo(shop.Disk).Length;
        Outcome text = (await shop.ReadAsync("info", shop.Address)).MustExit(0);
        Assert.Contains($"({length} bytes)", text.Text);
        Assert.Matches("Signed by +[0-9A-F]{1,16} \\(good\\)", text.Text);
        JsonElement told = (await shop.ReadAsync("info", shop.Address, "--json")).Json();
        Assert.Equal(length, told.GetProperty("length").GetInt64());
        string id = Assert.Single(told.GetProperty("keyIds").EnumerateArray()).GetString()!;
        Assert.Contains(id, File.ReadAllLines(shop["key.pub"])[0]);
    }

    [Fact]
    public async Task Without_a_key_info_tells_what_the_head_claims_and_says_so()
    {
        using Workshop shop = await Workshop.PublishAsync();
        Outcome text = (await shop.ReadAsync("info", shop.Head)).MustExit(0);
        Assert.Matches("Signed by +[0-9A-F]{1,16} \\(not checked", text.Text);
        JsonElement told = (await shop.ReadAsync("info", shop.Head, "--json")).Json();
        Assert.Empty(told.GetProperty("keyIds").EnumerateArray());
        Assert.Single(told.GetProperty("signatureKeyIds").EnumerateArray());
    }

    [Fact]
    public async Task What_is_not_there_is_missing_and_who_does_not_answer_is_unavailable()
    {
        using Workshop shop = await Workshop.PublishAsync();
        string other = shop.Address.Replace("disk.vmseed", "other.vmseed");
        (await shop.ReadAsync("info", other)).MustFail(4, "missing: ");
        string[] dead = ["http://127.0.0.1:9/images/disk.vmseed", "-p", shop.PublicKey];
        (await shop.ReadAsync("info", dead[0], [.. dead[1..], "--timeout", "300ms"]))
            .MustFail(5, "unavailable: ");
    }
}
