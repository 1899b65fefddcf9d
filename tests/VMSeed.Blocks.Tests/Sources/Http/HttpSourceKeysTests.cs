using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using VMSeed.Blocks.Sources;
using VMSeed.Blocks.Sources.Http;
using VMSeed.Testing.Servers;

namespace VMSeed.Blocks.Tests.Sources.Http;

/// <summary>The contract as a handler sees it that knows its spelling and no type of the
/// library.</summary>
public sealed class HttpSourceKeysTests : IAsyncDisposable
{
    private static readonly HttpRequestOptionsKey<bool> Prefetch = new("VMSeed.Prefetch");
    private static readonly HttpRequestOptionsKey<Func<bool>> Wanted = new("VMSeed.Wanted");
    private static readonly HttpRequestOptionsKey<Action<long, bool>> Verdict =
        new("VMSeed.Verdict");

    private static readonly HttpRequestOptionsKey<Uri> Root = new("VMSeed.Root");
    private static readonly HttpRequestOptionsKey<IReadOnlyList<Uri>> Mirrors =
        new("VMSeed.Mirrors");
    private static readonly HttpRequestOptionsKey<Func<ReadOnlyMemory<byte>, bool?>> Check =
        new("VMSeed.Check");
    private static readonly HttpRequestOptionsKey<bool> Mutable = new("VMSeed.Mutable");
    private static readonly HttpRequestOptionsKey<Action<long>> Progress = new("VMSeed.Progress");

    private readonly SourceFixture _fixture = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_handler_hears_of_prefetches_and_of_verdicts()
    {
        List<(long Judged, bool IsRight)> verdicts = [];
        List<bool> prefetches = [];
        using HttpClient client = new(new Listening(request =>
        {
            prefetches.Add(request.Options.TryGetValue(Prefetch, out bool prefetch) && prefetch);
            request.Options.Set(Verdict, (judged, isRight) => verdicts.Add((judged, isRight)));
        }));
        await using HttpObjectSource source = new(
            client, _fixture.Server.Root, new HttpSourceOptions(), TimeProvider.System,
            NullLogger.Instance);

        ObjectBody body = await source.OpenAsync(
            _fixture.Ask(100, 1000) with { Purpose = ReadPurpose.Prefetch }, Stop);
        await body.FillAsync(new byte[400], Stop);
        body.Judge(isRight: true);
        await body.FillAsync(new byte[600], Stop);
        await body.DisposeAsync();
        body.Judge(isRight: false);
        await SourceFixture.ReadAsync(source, _fixture.Ask(0, 1));

        Assert.Equal([(400, true), (1000, false)], verdicts);
        Assert.Equal([true, false], prefetches);
    }

    [Fact]
    public async Task A_handler_can_ask_whether_a_reader_waits_for_a_prefetch_by_now()
    {
        await using ServedImage image = await ServedImage.CreateAsync();
        ConcurrentQueue<Func<bool>?> asked = [];
        using HttpClient client = new(new Listening(request => asked.Enqueue(
            request.Options.TryGetValue(Wanted, out Func<bool>? isWanted) ? isWanted : null)));
        await using LazyDisk disk = await image.OpenAsync(o => o with { HttpClient = client });
        await image.CheckAsync(disk, 4 * ServedImage.BlockSize, 1);
        Assert.All(asked, Assert.Null);
        TaskCompletionSource release = new();
        image.Server.Always("objects/*", Fault.HoldUntil(release.Task));
        Task prefetch = disk.PrefetchAsync(0, ServedImage.BlockSize, null, Stop);
        SpinWait.SpinUntil(() => asked.Any(wanted => wanted is not null), 10_000);
        Func<bool> isWanted = Assert.Single(asked.OfType<Func<bool>>());
        Assert.False(isWanted());
        Task read = image.CheckAsync(disk, 0, 1);
        Assert.True(isWanted());
        release.SetResult();
        await read;
        await prefetch;
    }

    [Fact]
    public async Task A_handler_hears_where_the_repository_is_and_judges_its_bytes()
    {
        List<HttpRequestMessage> requests = [];
        using HttpClient client = new(new Listening(requests.Add));
        Uri secretRoot = new($"http://user:word@{_fixture.Server.Root.Authority}/?token=1");
        await using HttpObjectSource source = new(
            client, secretRoot, new HttpSourceOptions(), TimeProvider.System,
            NullLogger.Instance);
        await SourceFixture.ReadAsync(
            source, _fixture.Ask(0, 100) with { Check = bytes => bytes.Length == 100 });
        Uri[] mirrors = [new Uri("http://mirror.example/a/")];
        source.UseMirrors(mirrors);
        await SourceFixture.ReadAsync(source, _fixture.Ask(0, 1));
        await source.ReadWholeAsync(SourceFixture.HeadName, 1000, bytes => null, Stop);

        Assert.All(requests, request =>
        {
            Assert.True(request.Options.TryGetValue(Root, out Uri? root));
            Assert.Equal(_fixture.Server.Root, root);
            Assert.StartsWith(root.AbsoluteUri, request.RequestUri!.AbsoluteUri);
        });
        Assert.True(requests[0].Options.TryGetValue(Check, out var check));
        Assert.True(check(new byte[100]));
        Assert.False(check(new byte[99]));
        Assert.False(requests[0].Options.TryGetValue(Mirrors, out _));
        Assert.False(requests[0].Options.TryGetValue(Mutable, out _));
        Assert.False(requests[1].Options.TryGetValue(Check, out _));
        Assert.True(requests[1].Options.TryGetValue(Mirrors, out var told));
        Assert.Same(mirrors, told);
        Assert.True(requests[2].Options.TryGetValue(Mutable, out bool isMutable) && isMutable);
        Assert.True(requests[2].Options.TryGetValue(Check, out var headCheck));
        Assert.Null(headCheck(default));
    }

    [Fact]
    public async Task An_answer_that_is_held_back_is_waited_for_while_it_makes_progress()
    {
        using HttpClient client = new(new HoldingBack(TimeSpan.FromMilliseconds(1500)));
        HttpSourceOptions options = new()
        {
            NoProgressTimeout = TimeSpan.FromSeconds(1),
            SlowStart = TimeSpan.FromSeconds(60),
        };
        await using HttpObjectSource source = new(
            client, _fixture.Server.Root, options, TimeProvider.System, NullLogger.Instance);
        await SourceFixture.ReadAsync(source, _fixture.Ask(0, 1000));
    }

    [Fact]
    public async Task A_verdict_without_a_listener_goes_nowhere()
    {
        await using ObjectBody body = await _fixture.Source.OpenAsync(_fixture.Ask(0, 1), Stop);
        body.Judge(isRight: false);
    }

    // Gives the answer out late, and tells meanwhile that it has something.
    private sealed class HoldingBack(TimeSpan time)
        : DelegatingHandler(DefaultHttpClient.CreateHandler())
    {
        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Assert.True(request.Options.TryGetValue(Progress, out Action<long>? tell));
            long start = TimeProvider.System.GetTimestamp();
            while (TimeProvider.System.GetElapsedTime(start) < time)
            {
                await Task.Delay(
                    TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
                tell(1);
            }

            return await base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class Listening(Action<HttpRequestMessage> hear)
        : DelegatingHandler(DefaultHttpClient.CreateHandler())
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            hear(request);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
