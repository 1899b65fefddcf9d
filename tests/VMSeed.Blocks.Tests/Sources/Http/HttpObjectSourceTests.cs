using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Sources;
using VMSeed.Testing.Servers;

namespace VMSeed.Blocks.Tests.Sources.Http;

public sealed class HttpObjectSourceTests : IAsyncDisposable
{
    private readonly SourceFixture _fixture = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 100_000)]
    [InlineData(99_999, 1)]
    [InlineData(5000, 20_000)]
    public async Task A_range_is_the_files_bytes(long offset, int length)
    {
        byte[] bytes = await SourceFixture.ReadAsync(
            _fixture.Source, _fixture.Ask(offset, length), Stop);
        Assert.Equal(_fixture.Bytes[(int)offset..((int)offset + length)], bytes);
        ServedRequest request = Assert.Single(_fixture.Server.Requests);
        Assert.Equal((offset, length), (request.From, request.Length));
        Assert.Equal("identity", request.Headers["Accept-Encoding"]);
        Assert.False(request.Headers.ContainsKey("Cache-Control"));
    }

    [Fact]
    public async Task A_body_may_be_taken_in_pieces()
    {
        await using ObjectBody body = await _fixture.Source.OpenAsync(_fixture.Ask(10, 5000), Stop);
        byte[] bytes = new byte[5000];
        for (int at = 0; at < bytes.Length; at += 1000)
        {
            await body.FillAsync(bytes.AsMemory(at, 1000), Stop);
        }

        Assert.Equal(_fixture.Bytes[10..5010], bytes);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            async () => await body.FillAsync(new byte[1], Stop));
    }

    [Fact]
    public async Task A_head_is_read_whole_and_past_caches()
    {
        byte[] head = await _fixture.Source.ReadWholeAsync(
            SourceFixture.HeadName, 1000, null, Stop);
        Assert.Equal(_fixture.Bytes[..1000], head);
        ServedRequest request = Assert.Single(_fixture.Server.Requests);
        Assert.False(request.IsRanged);
        Assert.Equal("no-cache", request.Headers["Cache-Control"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_head_that_is_too_long_is_refused(bool chunked)
    {
        _fixture.Server.Always("*", chunked ? Fault.NoRangesChunked : Fault.None);
        BlockIOException e = await Assert.ThrowsAsync<BlockIOException>(
            async () => await _fixture.Source.ReadWholeAsync(
                SourceFixture.HeadName, 999, null, Stop));
        Assert.Equal((FailureReason.Refused, false), (e.Reason, e.CanRetry));
        Assert.Contains("more than 999 bytes", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_try_asks_past_caches()
    {
        await SourceFixture.ReadAsync(
            _fixture.Source, _fixture.Ask(0, 10) with { PastCaches = true }, Stop);
        Assert.Equal("no-cache", _fixture.Server.Requests[0].Headers["Cache-Control"]);
    }

    [Fact]
    public async Task Bodies_that_were_read_free_their_connection()
    {
        for (int i = 0; i < 50; i++)
        {
            _fixture.Server.Next("*", i % 2 == 0 ? Fault.None : Fault.Chunked());
            await SourceFixture.ReadAsync(_fixture.Source, _fixture.Ask(i * 1000, 1000), Stop);
        }

        Assert.Equal(1, _fixture.Server.Connections);
    }
}
