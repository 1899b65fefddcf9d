using System.Net;
using VMSeed.Gslb.Mirrors;
using VMSeed.Testing;
using VMSeed.Testing.Servers;

namespace VMSeed.Gslb.Tests;

/// <summary>What goes out to mirrors, and what does not.</summary>
public sealed class MirrorRequestTests : IAsyncDisposable
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private readonly TempFolder _folder = new();
    private readonly List<FaultServer> _servers = [];

    public async ValueTask DisposeAsync()
    {
        foreach (FaultServer server in _servers)
        {
            await server.DisposeAsync();
        }

        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_mirrors_base_path_and_query_are_kept_and_escapes_stay()
    {
        FaultServer server = Serve();
        await GetAsync(
            new Uri("http://origin.invalid/disk/?token=secret"),
            new Uri(server.Root, "pub/mirror?key=1"),
            "http://origin.invalid/disk/objects/a%2Fb%20c?token=secret");
        Assert.NotEmpty(server.Requests);
        Assert.All(server.Requests, request => Assert.Equal(
            "/pub/mirror/objects/a%2Fb%20c?key=1", request.Target));
    }

    [Fact]
    public async Task Credentials_and_the_query_go_to_the_origin_alone()
    {
        FaultServer origin = Serve();
        FaultServer mirror = Serve();
        origin.Next("*", Fault.Status(500));
        mirror.Next("*", Fault.Status(500));
        MirrorHandlerOptions options = new() { Root = new Uri(origin.Root, "?t=1"), Seed = 1 };
        options.Mirrors.Add(new Mirror(mirror.Root));
        using HttpClient client = new(new MirrorHandler(options));
        using HttpRequestMessage request = new(HttpMethod.Get, origin.Root + "a?t=1");
        request.Headers.TryAddWithoutValidation("Authorization", "Basic eDp5");
        request.Headers.TryAddWithoutValidation("Cookie", "a=b");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", "gzip");
        request.Headers.TryAddWithoutValidation("User-Agent", "test/1 (of it)");
        using HttpResponseMessage response = await client.SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        ServedRequest own = origin.Requests[0];
        ServedRequest other = mirror.Requests[0];
        Assert.Equal("/a?t=1", own.Target);
        Assert.Equal("Basic eDp5", own.Headers["Authorization"]);
        Assert.Equal("a=b", own.Headers["Cookie"]);
        Assert.Equal("/a", other.Target);
        Assert.DoesNotContain("Authorization", other.Headers.Keys);
        Assert.DoesNotContain("Cookie", other.Headers.Keys);
        Assert.Equal(mirror.Root.Authority, other.Headers["Host"]);
        Assert.Equal("test/1 (of it)", other.Headers["User-Agent"]);
        Assert.All([own, other], x => Assert.Equal("identity", x.Headers["Accept-Encoding"]));
    }

    [Fact]
    public async Task Redirects_are_followed_without_credentials_across_servers()
    {
        FaultServer origin = Serve();
        FaultServer far = Serve();
        origin.Next("a", Fault.Redirect("/b"));
        origin.Next("b", Fault.Redirect(far.Root + "a"));
        using HttpClient client = new(new MirrorHandler(new() { Root = origin.Root }));
        using HttpRequestMessage request = new(HttpMethod.Get, origin.Root + "a");
        request.Headers.TryAddWithoutValidation("Authorization", "Basic eDp5");
        using HttpResponseMessage response = await client.SendAsync(request, Token);
        Assert.Equal([1, 2, 3], await response.Content.ReadAsByteArrayAsync(Token));
        Assert.All(origin.Requests, x => Assert.Equal("Basic eDp5", x.Headers["Authorization"]));
        Assert.DoesNotContain("Authorization", Assert.Single(far.Requests).Headers.Keys);
        Assert.Equal(origin.Root + "a", response.RequestMessage!.RequestUri!.ToString());
    }

    [Fact]
    public async Task A_chain_of_four_redirects_is_a_loop()
    {
        FaultServer origin = Serve();
        origin.Always("*", Fault.Redirect("/a"));
        using HttpClient client = new(new MirrorHandler(new() { Root = origin.Root }));
        using HttpRequestMessage request = new(HttpMethod.Get, origin.Root + "a");
        request.Options.Set(new HttpRequestOptionsKey<bool>("VMSeed.Prefetch"), true);
        using HttpResponseMessage response = await client.SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
        Assert.Equal(4, origin.Requests.Count);
    }

    [Theory]
    [InlineData("bytes=-5")]
    [InlineData("bytes=0-1,4-5")]
    [InlineData("lines=0-1")]
    public async Task Ranges_that_no_mirror_is_asked_for_go_where_they_were_sent(string range)
    {
        FaultServer origin = Serve();
        FaultServer mirror = Serve();
        origin.Always("*", new Fault("any", x => x.SendHeadAsync("200 OK", "Content-Length: 0")));
        MirrorHandlerOptions options = new() { Root = origin.Root, IsRootAsked = false };
        options.Mirrors.Add(new Mirror(mirror.Root));
        using HttpClient client = new(new MirrorHandler(options));
        using HttpRequestMessage request = new(HttpMethod.Get, origin.Root + "a");
        request.Headers.TryAddWithoutValidation("Range", range);
        using HttpResponseMessage response = await client.SendAsync(request, Token);
        Assert.Empty(mirror.Requests);
    }

    [Fact]
    public async Task A_revalidation_may_be_answered_with_not_modified()
    {
        FaultServer origin = Serve();
        origin.Always("*", Fault.Status(304));
        using HttpClient client = new(new MirrorHandler(new() { Root = origin.Root }));
        using HttpRequestMessage request = new(HttpMethod.Get, origin.Root + "a");
        request.Headers.TryAddWithoutValidation("If-None-Match", "\"x\"");
        using HttpResponseMessage response = await client.SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.NotModified, response.StatusCode);
        Assert.Equal("\"x\"", Assert.Single(origin.Requests).Headers["If-None-Match"]);
    }

    private FaultServer Serve()
    {
        _folder.Write("a", [1, 2, 3]);
        FaultServer server = new(_folder.Root);
        _servers.Add(server);
        return server;
    }

    private static async Task GetAsync(Uri root, Uri mirror, string address)
    {
        MirrorHandlerOptions options = new() { Root = root, IsRootAsked = false };
        options.Mirrors.Add(new Mirror(mirror));
        using HttpClient client = new(new MirrorHandler(options));
        using HttpResponseMessage response = await client.GetAsync(new Uri(address), Token);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }
}
