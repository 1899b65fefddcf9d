using System.Net;
using VMSeed.Testing.Servers;

namespace VMSeed.Gslb.Tests;

/// <summary>What mirrors do wrong, and what of it a reader sees.</summary>
public sealed class MirrorFaultTests : IAsyncDisposable
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private const int Length = 20_000;

    private readonly Farm _farm = new(3);

    public static TheoryData<Fault> Faults { get; } =
    [
        Fault.StallBeforeHead, Fault.StallAfter(0), Fault.StallAfter(5000), Fault.CutAfter(0),
        Fault.CutAfter(5000), Fault.ResetAfter(0), Fault.ResetAfter(5000), Fault.NoRanges,
        Fault.NoRangesChunked, Fault.Chunked(extra: 1), Fault.Chunked(endless: true),
        Fault.Status(500), Fault.Status(503), Fault.Status(503, "Retry-After: 5"),
        Fault.Status(429, "Retry-After: 5"), Fault.Status(403), Fault.Status(404),
        Fault.Status(410), Fault.Status(412), Fault.Status(416), Fault.Status(511),
        Fault.Status(204), Fault.Status(302), Fault.Redirect("ftp://a.example/"),
        Fault.Redirect("/images/loop"), Fault.ContentRange(null), Fault.ContentRange("bytes 0-1/2"),
        Fault.ContentRange("bytes 1000-20999/*, bytes 1-2/3"), Fault.FlipBit(1500),
        Fault.Replace(), Fault.Replace(new byte[3]), Fault.Truncated(3), Fault.Gzip, Fault.Portal,
        Fault.Raw("HTTP/1.1 banana"u8.ToArray()), Fault.Raw([]),
        Fault.Drip(7000, TimeSpan.FromMilliseconds(2000)),
    ];

    public ValueTask DisposeAsync() => _farm.DisposeAsync();

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task One_failure_is_made_good_by_another_mirror(Fault fault)
    {
        byte[] file = _farm.Write("objects/a", Length + 5000);
        _farm.Break(1, fault);
        Assert.Equal(
            file[1000..(1000 + Length)], await _farm.ReadAsync("objects/a", file, 1000, Length));
        Assert.InRange(_farm.Requests.Length, 2, 7);
        Assert.Contains(_farm.Servers, server => server.Requests.Count > 0);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(410)]
    [InlineData(412)]
    public async Task What_every_mirror_lacks_is_not_there(int status)
    {
        _farm.BreakAll(Fault.Status(status));
        using HttpRequestMessage request = Farm.Ask("objects/a", 0, 9);
        using HttpResponseMessage response = await _farm.SendAsync(request);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Same(request, response.RequestMessage);
    }

    [Fact]
    public async Task Where_all_are_busy_the_first_to_be_ready_says_when()
    {
        for (int i = 0; i < 3; i++)
        {
            _farm.Servers[i].Always("*", Fault.Status(503, $"Retry-After: {100 + i}"));
        }

        using CancellationTokenSource stop = new();
        using HttpRequestMessage request = Farm.Ask("objects/a", 0, 9);
        request.Options.Set(new HttpRequestOptionsKey<bool>("VMSeed.Prefetch"), true);
        using HttpResponseMessage response = await _farm.SendAsync(request);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.InRange(response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 100, 102);
    }

    [Fact]
    public async Task An_error_names_each_mirror_and_what_it_did()
    {
        _farm.Write("objects/a", 100);
        _farm.BreakAll(Fault.ContentRange("bytes 5-14/100"));
        using HttpRequestMessage request = Farm.Ask("objects/a", 0, 9);
        HttpRequestException error = await Assert.ThrowsAsync<HttpRequestException>(
            () => _farm.SendAsync(request));
        Assert.Contains("objects/a", error.Message);
        Assert.Contains("sent bytes 5 to 14 for bytes=0-9", error.Message);
        foreach (FaultServer server in _farm.Servers.Where(server => server.Requests.Count > 0))
        {
            Assert.Contains(server.Root.ToString(), error.Message);
        }
    }

    [Fact]
    public async Task A_part_of_a_short_file_is_what_there_is()
    {
        byte[] file = _farm.Write("objects/a", 100);
        using HttpRequestMessage request = Farm.Ask("objects/a", 0, 65_535);
        using HttpResponseMessage response = await _farm.SendAsync(request, file);
        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.Equal(file, await response.Content.ReadAsByteArrayAsync(Token));
    }

    [Fact]
    public async Task What_is_older_than_known_comes_only_where_nothing_newer_is()
    {
        byte[] old = _farm.Write("images/x.vmseed", 100, seed: 1);
        byte[] newer = _farm.Write("images/new", 100, seed: 2);
        _farm.Break(2, Fault.Replace(old));
        _farm.Write("images/x.vmseed", 100, seed: 2);
        Assert.Equal(newer, await ReadHeadAsync());
        Assert.True(_farm.Requests.Length >= 3);
        _farm.BreakAll(Fault.Replace(old));
        Assert.Equal(old, await ReadHeadAsync());
        Assert.Empty(_farm.Log.Warnings);

        async Task<byte[]> ReadHeadAsync()
        {
            using HttpRequestMessage request = Farm.Ask("images/x.vmseed");
            request.Options.Set(new HttpRequestOptionsKey<bool>("VMSeed.Mutable"), true);
            request.Options.Set(
                new HttpRequestOptionsKey<Func<ReadOnlyMemory<byte>, bool?>>("VMSeed.Check"),
                body => body.Span.SequenceEqual(newer) ? true : null);
            using HttpResponseMessage response = await _farm.SendAsync(request);
            return await response.Content.ReadAsByteArrayAsync(Token);
        }
    }

    [Fact]
    public async Task Pages_of_two_servers_are_the_networks_doing()
    {
        byte[] file = _farm.Write("objects/a", 100);
        _farm.Break(2, Fault.Portal);
        await _farm.ReadAsync("objects/a", file, 0, 100);
        Assert.Contains("in their place", Assert.Single(_farm.Log.Warnings));
    }

    [Fact]
    public async Task A_mistake_in_the_readers_check_reaches_the_reader()
    {
        _farm.Write("objects/a", 100);
        using HttpRequestMessage request = Farm.Ask("objects/a");
        request.Options.Set(
            new HttpRequestOptionsKey<Func<ReadOnlyMemory<byte>, bool?>>("VMSeed.Check"),
            _ => throw new InvalidTimeZoneException());
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => _farm.SendAsync(request));
    }
}
