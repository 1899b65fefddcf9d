using System.Text.Json;
using VMSeed.Tool.Tests.Running;

namespace VMSeed.Tool.Tests.Verbs;

public sealed class GcVerbTests
{
    [Fact]
    public async Task Old_versions_go_and_the_newest_can_be_read()
    {
        using Workshop shop = await Workshop.PublishAsync(1 << 20);
        shop.WriteDisk(seed: 2, 1 << 20);
        await shop.PackAsync();
        int objects = shop.Objects().Count();
        string[] gc =
        [
            "gc", shop.Repository, "--keep", "1", "--keep-heads", "0s", "--keep-objects", "0s",
            "--json",
        ];
        JsonElement young = (await Vmseed.RunAsync("gc", shop.Repository, "--json")).Json();
        Assert.Equal(0, young.GetProperty("deletedObjects").GetInt64());
        JsonElement planned = (await Vmseed.RunAsync([.. gc, "--dry-run"])).Json();
        Assert.Equal(objects, shop.Objects().Count());
        JsonElement done = (await Vmseed.RunAsync(gc)).Json();
        Assert.Equal(planned.ToString(), done.ToString());
        Assert.Equal(1, done.GetProperty("deletedHeads").GetInt64());
        Assert.True(done.GetProperty("deletedObjects").GetInt64() > 0);
        Assert.Equal(
            shop.Objects().Count(), objects - done.GetProperty("deletedObjects").GetInt64());
        (await shop.ReadAsync("verify", shop.Address)).MustExit(0);
        string first = shop.Head.Replace("disk.vmseed", "disk/1.vmseed");
        (await shop.ReadAsync("info", $"{first}#{shop.PublicKey}")).MustFail(4, "missing");
    }
}
