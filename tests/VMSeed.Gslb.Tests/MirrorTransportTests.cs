using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Transport.Sockets;
using VMSeed.Testing;
using VMSeed.Testing.Servers;

namespace VMSeed.Gslb.Tests;

/// <summary>Connections: TLS, versions of HTTP, proxies, names with dead addresses.</summary>
public sealed class MirrorTransportTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1.1", "HTTP/1.1")]
    [InlineData("2.0", "HTTP/2")]
    public async Task The_version_over_TLS_is_the_options(string version, string expected)
    {
        ConcurrentQueue<string> seen = new();
        await using SecureMirror mirror = await SecureMirror.StartAsync(context =>
        {
            seen.Enqueue(context.Request.Protocol);
            return context.Response.WriteAsync("abc");
        });
        using MirrorHandler handler = new(new MirrorHandlerOptions
        {
            Root = mirror.Root,
            SecureVersion = new Version(version),
            SslOptions = mirror.Trust,
        });
        using HttpClient client = new(handler);
        Assert.Equal("abc", await client.GetStringAsync(new Uri(mirror.Root, "a"), Token));
        Assert.Equal(expected, Assert.Single(seen));
    }

    [Fact]
    public async Task A_certificate_that_is_not_trusted_is_a_broken_connection_not_wrong_content()
    {
        await using SecureMirror mirror = await SecureMirror.StartAsync(_ => Task.CompletedTask);
        using MirrorHandler handler = new(new MirrorHandlerOptions { Root = mirror.Root });
        using HttpClient client = new(handler);
        using HttpRequestMessage request = new(HttpMethod.Get, mirror.Root);
        request.Options.Set(new HttpRequestOptionsKey<bool>("VMSeed.Prefetch"), true);
        HttpRequestException error = await Assert.ThrowsAsync<HttpRequestException>(
            () => client.SendAsync(request, Token));
        Assert.Contains("certificate", error.Message);
    }

    [Fact]
    public async Task A_proxy_is_asked_for_what_mirrors_have()
    {
        using TempFolder folder = new();
        await using FaultServer proxy = new(folder.Root);
        proxy.Always("*", new Fault("proxy", async x =>
        {
            await x.SendHeadAsync("200 OK", "Content-Length: 3", "Via: 1.1 test");
            await x.SendAsync("abc"u8.ToArray());
        }));
        MirrorHandlerOptions options = new()
        {
            Root = Farm.Root,
            IsRootAsked = false,
            Proxy = new WebProxy(proxy.Root),
        };
        options.Mirrors.Add(new Mirror(new Uri("http://mirror.invalid/x/")));
        using HttpClient client = new(new MirrorHandler(options));
        Assert.Equal("abc", await client.GetStringAsync(new Uri(Farm.Root, "a"), Token));
        Assert.Equal("http://mirror.invalid/x/a", Assert.Single(proxy.Requests).Target);
    }

    [Fact]
    public async Task A_name_with_a_dead_address_is_reached_by_the_other()
    {
        using TempFolder folder = new();
        folder.Write("a", [1, 2, 3]);
        await using FaultServer server = new(folder.Root);
        IPAddress dead = IPAddress.Parse("127.0.0.77");
        List<IPAddress> tried = [];
        AddressRace system = AddressRace.OfSystem(TimeProvider.System);
        AddressRace race = new(
            new AddressBook(TimeProvider.System),
            TimeProvider.System,
            (_, _) => Task.FromResult<IPAddress[]>([dead, IPAddress.Loopback]),
            (address, stop) =>
            {
                tried.Add(address.Address);
                return system.ConnectAsync(address.Address.ToString(), address.Port, stop);
            });
        MirrorHandlerOptions options = new()
        {
            Root = new Uri($"http://two.invalid:{server.Root.Port}/"),
        };
        using MirrorHandler handler = new(options, NullLogger.Instance, TimeProvider.System, race);
        using HttpClient client = new(handler);
        Assert.Equal([1, 2, 3], await client.GetByteArrayAsync(new Uri(options.Root, "a"), Token));
        Assert.Equal([dead, IPAddress.Loopback], tried);
        server.Next("a", new Fault("close", async x =>
        {
            x.Close = true;
            await x.SendGoodAsync();
        }));
        await client.GetByteArrayAsync(new Uri(options.Root, "a"), Token);
        await client.GetByteArrayAsync(new Uri(options.Root, "a"), Token);
        Assert.Equal(IPAddress.Loopback, tried[2]);
    }

    [Fact]
    public async Task The_time_of_a_connection_is_told_once_and_a_kept_one_has_none()
    {
        await using Farm farm = new(1);
        byte[] file = farm.Write("objects/a", 1000);
        await farm.ReadAsync("objects/a", file, 0, 1000);
        double trip = farm.Handler.FindSelector(Farm.Root)!.Desk.Sites[0].Estimate.RoundTrip;
        Assert.InRange(trip, 0, 20_000);
        await farm.ReadAsync("objects/a", file, 0, 1000);
        Assert.Equal(1, farm.Servers[0].Connections);
    }
}
