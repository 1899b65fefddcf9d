using VMSeed.Testing.Servers;

namespace VMSeed.Gslb.Tests;

/// <summary>Readers that go away: the farm fails where anything is held after that.</summary>
public sealed class MirrorCancellationTests : IAsyncDisposable
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private readonly Farm _farm = new(3);

    public ValueTask DisposeAsync() => _farm.DisposeAsync();

    [Theory]
    [InlineData("before the head")]
    [InlineData("in the body")]
    public async Task All_attempts_of_a_request_that_is_given_up_end(string when)
    {
        byte[] file = _farm.Write("objects/a", 100_000);
        _farm.BreakAll(when == "in the body" ? Fault.StallAfter(5000) : Fault.StallBeforeHead);
        using CancellationTokenSource stop = new();
        Task<HttpResponseMessage> answer = _farm.GetAsync("objects/a", file, stop.Token);

        // The first, and the hedge beside it.
        await Farm.UntilAsync(() => _farm.Requests.Length >= 2);
        Assert.False(answer.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        await _farm.UntilNothingIsHeldAsync();
        int asked = _farm.Requests.Length;
        _farm.BreakAll(Fault.None);
        Assert.Equal(file, await _farm.ReadAsync("objects/a", file, 0, file.Length));
        Assert.True(_farm.Requests.Length > asked);
    }

    [Fact]
    public async Task What_comes_in_the_moment_of_giving_up_is_disposed_of_once()
    {
        byte[] file = _farm.Write("objects/a", 50_000);
        for (int i = 0; i < 100; i++)
        {
            TaskCompletionSource release = new();
            _farm.BreakAll(Fault.HoldUntil(release.Task));
            using CancellationTokenSource stop = new();
            Task<HttpResponseMessage> answer = _farm.GetAsync("objects/a", file, stop.Token);
            await Farm.UntilAsync(() => _farm.Requests.Length > i);
            Task cancel = Task.Run(stop.Cancel, Token);
            release.SetResult();
            await cancel;
            try
            {
                using HttpResponseMessage response = await answer;
                Assert.Equal(file, await response.Content.ReadAsByteArrayAsync(Token));
            }
            catch (OperationCanceledException)
            {
                Assert.True(stop.IsCancellationRequested);
            }
        }
    }

    [Fact]
    public async Task The_loser_of_a_hedge_is_cut_off()
    {
        byte[] file = _farm.Write("objects/a", 50_000);
        bool isCut = false;
        _farm.Break(1, new Fault("held", async x =>
        {
            await x.StallAsync();
            isCut = true;
        }));
        Assert.Equal(file, await _farm.ReadAsync("objects/a", file, 0, file.Length));
        await Farm.UntilAsync(() => isCut);
        Assert.True(_farm.Requests.Length >= 2);
    }

    [Fact]
    public async Task A_stream_that_is_left_in_the_middle_holds_nothing()
    {
        _farm.Write("objects/a", 4 << 20);
        using HttpRequestMessage request = Farm.Ask("objects/a");
        using (HttpResponseMessage response = await _farm.SendAsync(request))
        {
            Stream body = await response.Content.ReadAsStreamAsync(Token);
            await body.ReadExactlyAsync(new byte[1000], Token);
            Assert.Equal(1, _farm.Handler.Tools.Live);
        }

        Assert.Equal(0, _farm.Handler.Tools.Live);
    }

    [Fact]
    public async Task Mirrors_that_were_raced_for_the_head_are_let_finish_and_leave_nothing()
    {
        byte[] head = _farm.Write("images/x.vmseed", 900);
        TaskCompletionSource release = new();
        _farm.Break(2, Fault.HoldUntil(release.Task));
        using HttpRequestMessage request = Farm.Ask("images/x.vmseed");
        request.Options.Set(new HttpRequestOptionsKey<bool>("VMSeed.Mutable"), true);
        using HttpResponseMessage response = await _farm.SendAsync(request, head);
        Assert.Equal(head, await response.Content.ReadAsByteArrayAsync(Token));
        Assert.Equal(2, _farm.Handler.Tools.Live);
        release.SetResult();
        await Farm.UntilAsync(() => _farm.Handler.Tools.Live == 0);
        Assert.All(
            _farm.Handler.FindSelector(Farm.Root)!.Desk.Sites,
            site => Assert.True(site.Estimate.IsKnown));
    }

    [Fact]
    public async Task Connections_are_kept_and_used_again()
    {
        byte[] file = _farm.Write("objects/a", 50_000);
        for (int i = 0; i < 20; i++)
        {
            await _farm.ReadAsync("objects/a", file, 0, file.Length);
        }

        // One for each mirror, and what a hedge on a busy machine may cost.
        Assert.InRange(_farm.Servers.Sum(server => server.Connections), 1, 10);
    }
}
