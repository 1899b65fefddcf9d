using System.Text.Json;
using VMSeed.Tool.Tests.Running;

namespace VMSeed.Tool.Tests.Verbs;

public sealed class CacheVerbTests
{
    [Fact]
    public async Task The_cache_is_listed_verified_pruned_and_emptied()
    {
        using Workshop shop = await Workshop.PublishAsync();
        (await shop.ReadAsync("read", shop.Address)).MustExit(0);
        string[] cache = ["--cache", shop["cache"], "--json"];
        JsonElement full = (await Vmseed.RunAsync(["cache", "list", .. cache])).Json();
        Assert.InRange(full.GetProperty("plainBytes").GetInt64(), 3 << 20, 7 << 20);
        JsonElement found = (await Vmseed.RunAsync(["cache", "verify", .. cache])).Json();
        Assert.Equal(
            full.GetProperty("blocks").GetInt64(), found.GetProperty("checked").GetInt64());
        Assert.Equal(0, found.GetProperty("bad").GetInt64());
        (await Vmseed.RunAsync(["cache", "clear", .. cache])).MustExit(0);
        JsonElement empty = (await Vmseed.RunAsync(["cache", "list", .. cache])).Json();
        Assert.Equal(0, empty.GetProperty("blocks").GetInt64());
        (await Vmseed.RunAsync(["cache", "prune", .. cache])).MustFail(2, "--size");
        (await Vmseed.RunAsync("cache", "list", "--cache", shop["none"])).MustFail(4, "no cache");
    }

    [Fact]
    public async Task What_was_read_once_needs_no_repository_any_more()
    {
        using Workshop shop = await Workshop.PublishAsync();
        (await shop.ReadAsync("read", shop.Address)).MustExit(0);
        Directory.Delete(Path.Join(shop.Repository, "objects"), recursive: true);
        string[] brief = ["--timeout", "1s"];
        Outcome cached = (await shop.ReadAsync("read", shop.Address, brief)).MustExit(0);
        Assert.Equal(File.ReadAllBytes(shop.Disk), cached.Bytes);
        (await shop.ReadAsync("read", shop.Address, [.. brief, "--no-cache"]))
            .MustFail(4, "missing");
    }
}
