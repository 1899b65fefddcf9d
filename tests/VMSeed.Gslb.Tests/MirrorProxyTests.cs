using System.Net;
using VMSeed.Gslb.Health;
using VMSeed.Testing.Servers;

namespace VMSeed.Gslb.Tests;

/// <summary>Whom the answers of a proxy on the way are held against.</summary>
public sealed class MirrorProxyTests
{
    private static readonly Fault _denied = Fault.Status(403, "X-Squid-Error: ERR_ACCESS_DENIED 0");
    private static readonly Fault _broken =
        Fault.Status(502, "Proxy-Status: edge; error=proxy_internal_error");

    [Fact]
    public async Task A_proxy_that_refuses_everything_puts_no_mirror_out_of_use()
    {
        await using Farm farm = new(4);
        byte[] file = farm.Write("objects/a", 1_000);
        farm.BreakAll(_denied);
        for (int request = 0; request < 3; request++)
        {
            using HttpRequestMessage message = Farm.Ask("objects/a");
            using HttpResponseMessage response = await farm.SendAsync(message);
            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        }

        Assert.Contains("answers in their place", farm.Log.Warnings[0]);
        Assert.DoesNotContain(farm.Log.Warnings, line => line.Contains("out of use for a while"));
        Assert.All(farm.Handler.FindSelector(Farm.Root)!.Snapshot(), row =>
            Assert.Equal((0, 0L, true), (
                row.Ejections, row.Failures, row.FailuresByKind.Proxied > 0)));
        farm.BreakAll(Fault.None);
        Assert.Equal(file, await farm.ReadAsync("objects/a", file, 0, 1_000));
    }

    [Fact]
    public async Task A_gateway_that_fails_before_one_mirror_alone_is_that_mirrors()
    {
        await using Farm farm = new(4);
        byte[] file = farm.Write("objects/a", 1_000);
        farm.Servers[0].Always("*", _broken);
        MirrorStatus gateway;
        do
        {
            // What nobody waits for goes to whoever has not been measured.
            using HttpRequestMessage prefetch = Farm.Ask("objects/a");
            prefetch.Options.Set(new HttpRequestOptionsKey<bool>("VMSeed.Prefetch"), true);
            (await farm.SendAsync(prefetch, file)).Dispose();
            Assert.Equal(file, await farm.ReadAsync("objects/a", file, 0, 1_000));
            gateway = farm.Handler.FindSelector(Farm.Root)!.Snapshot()[0];
        }
        while (gateway.Condition != SiteCondition.Ejected);

        Assert.True(gateway.FailuresByKind.Proxied >= 3);
    }

    [Fact]
    public async Task A_proxy_that_is_not_there_is_no_mirrors_fault()
    {
        await using Farm farm = new(
            3, options => options.Proxy = new WebProxy("http://127.0.0.1:1/"));
        farm.Write("objects/a", 1_000);
        for (int request = 0; request < 3; request++)
        {
            using HttpRequestMessage message = Farm.Ask("objects/a");
            HttpRequestException error = await Assert.ThrowsAsync<HttpRequestException>(
                () => farm.SendAsync(message));
            Assert.Contains("proxy", error.Message, StringComparison.OrdinalIgnoreCase);
        }

        Assert.Empty(farm.Requests);
        Assert.All(farm.Handler.FindSelector(Farm.Root)!.Snapshot(), row =>
            Assert.Equal((0, 0L), (row.Ejections, row.Failures)));
    }
}
