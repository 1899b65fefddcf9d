using Microsoft.Extensions.Logging.Abstractions;
using VMSeed.Blocks.Sources;
using VMSeed.Blocks.Sources.Http;

namespace VMSeed.Blocks.Tests.Sources.Http;

/// <summary>The contract as a handler sees it that knows its spelling and no type of the
/// library.</summary>
public sealed class HttpSourceKeysTests : IAsyncDisposable
{
    private static readonly HttpRequestOptionsKey<bool> Prefetch = new("VMSeed.Prefetch");
    private static readonly HttpRequestOptionsKey<Action<long, bool>> Verdict =
        new("VMSeed.Verdict");

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
    public async Task A_verdict_without_a_listener_goes_nowhere()
    {
        await using ObjectBody body = await _fixture.Source.OpenAsync(_fixture.Ask(0, 1), Stop);
        body.Judge(isRight: false);
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
