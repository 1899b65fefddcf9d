using System.Net;
using VMSeed.Testing.Servers;

namespace VMSeed.Gslb.Tests;

/// <summary>Files that some mirrors, or all, have not.</summary>
public sealed class MirrorMissingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_that_one_of_thirteen_has_is_found()
    {
        await using Farm farm = new(13, WithoutHedges);
        byte[] file = farm.Write("objects/a", 5_000);
        foreach (FaultServer server in farm.Servers.Where(x => x != farm.Servers[8]))
        {
            server.Always("objects/a", Fault.Status(404));
        }

        Assert.Equal(file, await farm.ReadAsync("objects/a", file, 0, 5_000));
        Assert.InRange(farm.Requests.Length, 1, 13);
        long asked = Asked();
        Assert.Equal(file, await farm.ReadAsync("objects/a", file, 0, 5_000));
        Assert.Equal(asked + 1, Asked());

        // Not counted at the servers: a request that was given up may come to one much later.
        long Asked() => farm.Handler.FindSelector(Farm.Root)!.Snapshot().Sum(row => row.Requests);
    }

    [Fact]
    public async Task What_nobody_has_is_known_when_each_was_asked_once_and_then_at_once()
    {
        await using Farm farm = new(13, WithoutHedges);
        Assert.Equal(13, await CountAsync("objects/a"));
        Assert.Equal(1, await CountAsync("objects/a"));
        Assert.Equal(13, await CountAsync("objects/b"));

        async Task<int> CountAsync(string path)
        {
            int before = farm.Requests.Length;
            using HttpRequestMessage request = Farm.Ask(path);
            using HttpResponseMessage response = await farm.SendAsync(request);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
            return farm.Requests.Length - before;
        }
    }

    // On a busy machine a hedge would be one request more.
    private static void WithoutHedges(MirrorHandlerOptions options) =>
        options.Selector.HedgeShare = 0;

    [Fact]
    public async Task A_mirror_that_lacks_one_file_is_as_good_as_before_for_others()
    {
        await using Farm farm = new(1);
        byte[] file = farm.Write("objects/a", 100);
        using HttpRequestMessage request = Farm.Ask("objects/b");
        using HttpResponseMessage response = await farm.SendAsync(request);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal(file, await farm.ReadAsync("objects/a", file, 0, 100));
        Assert.Equal(2, farm.Requests.Length);
    }

    [Fact]
    public async Task What_has_come_meanwhile_is_found_where_it_is_asked_for_again()
    {
        await using Farm farm = new(1);
        using HttpRequestMessage request = Farm.Ask("objects/a");
        (await farm.SendAsync(request)).Dispose();
        byte[] file = farm.Write("objects/a", 100);
        using HttpResponseMessage response = await farm.GetAsync("objects/a", file, Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_late_head_says_nothing_of_objects()
    {
        await using Farm farm = new(2);
        byte[] old = farm.Write("images/x.vmseed", 100);
        byte[] block = farm.Write("objects/a", 100);
        using HttpRequestMessage request = Farm.Ask("images/x.vmseed");
        request.Options.Set(
            new HttpRequestOptionsKey<Func<ReadOnlyMemory<byte>, bool?>>("VMSeed.Check"),
            _ => null);
        using HttpResponseMessage response = await farm.SendAsync(request);
        Assert.Equal(old, await response.Content.ReadAsByteArrayAsync(Token));
        Assert.Equal(2, farm.Requests.Length);
        Assert.Equal(block, await farm.ReadAsync("objects/a", block, 0, 100));
        Assert.Equal(3, farm.Requests.Length);
        Assert.All(
            farm.Handler.FindSelector(Farm.Root)!.Desk.Sites,
            site => Assert.Equal(0, site.Health.MissingAt(0)));
    }
}
