using System.Net;
using VMSeed.Testing.Servers;

namespace VMSeed.Gslb.Tests;

/// <summary>Bodies of more than 1 MiB: they are read as they come, and go on elsewhere.</summary>
public sealed class MirrorStreamTests : IAsyncDisposable
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private const int Length = 3 << 20;

    private readonly Farm _farm = new(3);

    public static TheoryData<Fault> Faults { get; } =
    [
        Fault.CutAfter(0), Fault.CutAfter(1_500_000), Fault.ResetAfter(1_500_000),
        Fault.StallAfter(1_500_000), Fault.StallAfter(0), Fault.CutAfter(Length - 1),
        Fault.Status(500), Fault.NoRanges, Fault.Portal, Fault.ContentRange(null),
    ];

    public ValueTask DisposeAsync() => _farm.DisposeAsync();

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_stream_goes_on_from_the_last_byte_that_came(Fault fault)
    {
        byte[] file = _farm.Write("objects/a", Length + 100);
        _farm.Break(1, fault);
        using HttpRequestMessage request = Farm.Ask("objects/a", 50, 50 + Length - 1);
        using HttpResponseMessage response = await _farm.SendAsync(request);
        Assert.Equal(Length, response.Content.Headers.ContentLength);
        Assert.Equal(file[50..(50 + Length)], await response.Content.ReadAsByteArrayAsync(Token));
        Assert.Equal(2, _farm.Servers.Count(server => server.Requests.Count > 0));
    }

    [Fact]
    public async Task Every_part_of_a_stream_may_come_from_another_mirror()
    {
        byte[] file = _farm.Write("objects/a", Length);
        _farm.Break(5, Fault.ResetAfter(400_000));
        using HttpRequestMessage request = Farm.Ask("objects/a");
        using HttpResponseMessage response = await _farm.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(file, await response.Content.ReadAsByteArrayAsync(Token));

        // Each begins where the one before it ended, or a little before: what a reset destroys
        // on its way has not come.
        ServedRequest[] parts = [.. _farm.Requests.Where(part => part.IsRanged)];
        Assert.True(parts.Length >= 5);
        Assert.All(parts, part => Assert.Equal(Length - 1, part.To));
    }

    [Fact]
    public async Task Too_slow_a_stream_is_left()
    {
        byte[] file = _farm.Write("objects/a", Length);
        Fault drip = Fault.Drip(200, TimeSpan.FromMilliseconds(700));
        _farm.Break(1, drip);
        using HttpRequestMessage request = Farm.Ask("objects/a");
        using HttpResponseMessage response = await _farm.SendAsync(request);
        Assert.Equal(file, await response.Content.ReadAsByteArrayAsync(Token));
        Assert.Equal(2, _farm.Servers.Count(server => server.Requests.Count > 0));
    }

    [Fact]
    public async Task A_rejected_stream_goes_on_elsewhere_and_its_mirror_is_asked_past_caches()
    {
        const int chunk = 1 << 16;
        byte[] file = _farm.Write("objects/a", Length);
        _farm.BreakAll(Fault.FlipBit(chunk));
        using HttpRequestMessage request = Farm.Ask("objects/a");
        using HttpResponseMessage response = await _farm.SendAsync(request);
        Stream body = await response.Content.ReadAsStreamAsync(Token);
        FaultServer wrong = _farm.ServerOf(response);
        Assert.True(request.Options.TryGetValue(
            new HttpRequestOptionsKey<Action<long, bool>>("VMSeed.Verdict"), out var judge));
        byte[] read = new byte[chunk];
        await body.ReadExactlyAsync(read, Token);
        judge!(chunk, true);
        await body.ReadExactlyAsync(read, Token);
        Assert.NotEqual(file[chunk..(2 * chunk)], read);
        judge(2 * chunk, false);
        await Farm.UntilAsync(() => _farm.Log.Errors.Length > 0);
        Assert.Contains(wrong.Root.ToString(), Assert.Single(_farm.Log.Errors));
        byte[] rest = new byte[Length - (2 * chunk)];
        await body.ReadExactlyAsync(rest, Token);
        Assert.Equal(file[(2 * chunk)..], rest);
        Assert.Contains(wrong.Requests, asked =>
            asked.From == chunk && asked.To == (2 * chunk) - 1
            && asked.Headers["Cache-Control"] == "no-cache");
        Assert.Contains(_farm.Servers, server =>
            server != wrong && server.Requests.Any(asked => asked.From == 2 * chunk));
    }

    [Fact]
    public async Task Bytes_of_another_version_are_never_mixed_in()
    {
        _farm.Write("objects/a", Length);
        _farm.Break(1, Fault.CutAfter(2_000_000));
        using HttpRequestMessage request = Farm.Ask("objects/a");
        using HttpResponseMessage response = await _farm.SendAsync(request);
        _farm.Write("objects/a", Length + 1);
        HttpIOException error = await Assert.ThrowsAsync<HttpIOException>(async () =>
        {
            Stream body = await response.Content.ReadAsStreamAsync(Token);
            await body.CopyToAsync(Stream.Null, Token);
        });
        Assert.Contains("has another version of the file", error.Message);
    }

    [Theory]
    [InlineData("ETag: \"1\"", "ETag: \"1\"", true)]
    [InlineData("ETag: \"1\"", "ETag: \"2\"", false)]
    [InlineData("ETag: W/\"1\"", "ETag: W/\"1\"", false)]
    [InlineData("Last-Modified: Tue, 24 Nov 2026 09:00:00 GMT",
        "Last-Modified: Tue, 24 Nov 2026 09:00:00 GMT", true)]
    [InlineData("Last-Modified: Tue, 24 Nov 2026 09:00:00 GMT",
        "Last-Modified: Tue, 24 Nov 2026 09:00:01 GMT", false)]
    public async Task A_file_that_may_change_goes_on_where_its_validator_is_the_same(
        string first, string second, bool isSame)
    {
        await using Farm farm = new(2, options => options.AreFilesImmutable = false);
        byte[] file = farm.Write("a", Length);
        farm.Break(1, Fault.CutAfter(2_000_000));
        Array.ForEach(farm.Servers, server => server.Fields = [first]);
        using HttpRequestMessage request = Farm.Ask("a");
        using HttpResponseMessage response = await farm.SendAsync(request);
        Array.ForEach(farm.Servers, server => server.Fields = [second]);
        Task<byte[]> read = response.Content.ReadAsByteArrayAsync(Token);
        if (isSame)
        {
            Assert.Equal(file, await read);
        }
        else
        {
            HttpRequestException error =
                await Assert.ThrowsAsync<HttpRequestException>(() => read);
            Assert.Contains("has another version", error.InnerException!.Message);
        }
    }

    [Fact]
    public async Task A_read_that_was_given_up_may_be_followed_by_another()
    {
        byte[] file = _farm.Write("objects/a", Length);
        TaskCompletionSource release = new();
        _farm.Break(1, new Fault("pause", async x =>
        {
            await x.SendGoodHeadAsync();
            await x.SendAsync(x.Wanted[..1000]);
            await release.Task;
            x.Close = true;
        }));
        using HttpRequestMessage request = Farm.Ask("objects/a");
        using HttpResponseMessage response = await _farm.SendAsync(request);
        Stream body = await response.Content.ReadAsStreamAsync(Token);
        byte[] read = new byte[Length];
        await body.ReadExactlyAsync(read.AsMemory(0, 1000), Token);
        using CancellationTokenSource stop = new();
        ValueTask<int> waiting = body.ReadAsync(read.AsMemory(1000), stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await waiting);
        await body.ReadExactlyAsync(read.AsMemory(1000), Token);
        Assert.Equal(file, read);
        release.SetResult();
    }
}
