using VMSeed.Testing.Servers;

namespace VMSeed.Gslb.Tests;

/// <summary>Wrong bytes, and who made them.</summary>
public sealed class PastCachesTests : IAsyncDisposable
{
    private readonly Farm _farm = new(2);

    public ValueTask DisposeAsync() => _farm.DisposeAsync();

    [Fact]
    public async Task A_mirror_behind_a_cache_that_spoils_bytes_is_not_blamed()
    {
        byte[] file = _farm.Write("objects/a", 5000);

        // What asks past caches gets the mirror's own bytes.
        _farm.Break(1, Fault.FlipBit(100));
        Assert.Equal(file, await _farm.ReadAsync("objects/a", file, 0, 5000));
        await Farm.UntilAsync(() => _farm.Log.Warnings.Length > 0);
        Assert.Contains("from a cache", Assert.Single(_farm.Log.Warnings));
        Assert.Empty(_farm.Log.Errors);
        Assert.True(_farm.Requests.Length >= 3);
        Assert.Single(
            _farm.Requests,
            request => request.Headers.GetValueOrDefault("Cache-Control") == "no-cache");
    }

    [Fact]
    public async Task The_reader_does_not_wait_for_the_question_past_caches()
    {
        byte[] file = _farm.Write("objects/a", 5000);
        TaskCompletionSource release = new();
        int left = 1;
        _farm.BreakAll(new Fault("wrong once, held past caches", async x =>
        {
            if (x.Request.Headers.ContainsKey("Cache-Control"))
            {
                await release.Task;
            }

            bool isWrong = Interlocked.Decrement(ref left) >= 0;
            await (isWrong ? Fault.FlipBit(100) : Fault.None).AnswerAsync(x);
        }));
        Assert.Equal(file, await _farm.ReadAsync("objects/a", file, 0, 5000));
        Assert.True(_farm.Handler.Tools.Live > 0);
        release.SetResult();
        await _farm.UntilNothingIsHeldAsync();
        Assert.Empty(_farm.Log.Errors);
    }

    [Fact]
    public async Task A_question_past_caches_opens_a_connection_of_its_own()
    {
        byte[] file = _farm.Write("objects/a", 5000);
        _farm.Break(1, Fault.FlipBit(100));
        await _farm.ReadAsync("objects/a", file, 0, 5000);
        await Farm.UntilAsync(() => _farm.Log.Warnings.Length > 0);
        FaultServer server = _farm.Servers.Single(server => server.Requests.Any(IsPastCaches));
        int connection = server.Requests.Single(IsPastCaches).Connection;
        Assert.Single(server.Requests, request => request.Connection == connection);

        static bool IsPastCaches(ServedRequest request) =>
            request.Headers.ContainsKey("Cache-Control");
    }

    [Fact]
    public async Task One_mirror_that_is_wrong_to_the_end_is_no_answer()
    {
        await using Farm farm = new(1);
        byte[] file = farm.Write("objects/a", 5000);
        farm.BreakAll(Fault.FlipBit(100));
        using HttpRequestMessage request = Farm.Ask("objects/a");
        request.Options.Set(new HttpRequestOptionsKey<bool>("VMSeed.Prefetch"), true);
        HttpRequestException error = await Assert.ThrowsAsync<HttpRequestException>(
            () => farm.SendAsync(request, file));
        Assert.Contains("wrong bytes", error.Message);
    }
}
