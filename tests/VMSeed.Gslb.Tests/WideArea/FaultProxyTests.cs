using System.Net;
using VMSeed.Testing;
using VMSeed.Testing.Servers;
using VMSeed.Testing.Servers.Proxies;

namespace VMSeed.Gslb.Tests.WideArea;

/// <summary>What a client that knows of nothing meets at the end of a proxy's line.</summary>
public sealed class FaultProxyTests : IAsyncLifetime
{
    private static readonly byte[] _file = Pattern.Random(300_000, 1);

    private readonly TempFolder _folder = new();

    private NginxServer _server = null!;
    private FaultProxy _proxy = null!;
    private HttpClient _client = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static TimeProvider Time => TimeProvider.System;

    public async ValueTask InitializeAsync()
    {
        _folder.Write("www/file", _file);
        _server = await NginxServer.StartAsync(_folder["www"]);
        _proxy = new FaultProxy(_server.Root, new ProxyCondition(), IPAddress.Loopback, seed: 1);
        _client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = (_, stop) => _proxy.ConnectAsync(stop),
        });
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_proxy is not null)
        {
            await _proxy.DisposeAsync();
            await _server.DisposeAsync();
        }

        _folder.Dispose();
    }

    [Fact]
    public async Task A_line_without_faults_changes_nothing()
    {
        for (int first = 0; first < 3; first++)
        {
            Assert.Equal(_file[first..200_000], await ReadAsync(first, 199_999));
        }

        Assert.Equal(_file, await _client.GetByteArrayAsync(new Uri(_proxy.Root, "file"), Token));
        Assert.Equal(4, _proxy.Requests.Count);
        Assert.Equal(1, _proxy.Requests.Max(request => request.Connection));
        Assert.Equal((3 * 200_000) - 3 + _file.Length, _proxy.BytesSent);
    }

    [Fact]
    public async Task Distance_and_width_take_their_time()
    {
        _proxy.Condition = new ProxyCondition
        {
            RoundTrip = TimeSpan.FromMilliseconds(40),
            BytesPerSecond = 1_000_000,
        };

        // A handshake, a request, and four rounds of the sender's window for what is left.
        long began = Time.GetTimestamp();
        await ReadAsync(0, 199_999);
        TimeSpan cold = Time.GetElapsedTime(began);
        Assert.InRange(cold.TotalMilliseconds, 80 + 200, 10_000);
        began = Time.GetTimestamp();
        await ReadAsync(0, 0);
        Assert.InRange(Time.GetElapsedTime(began).TotalMilliseconds, 38, cold.TotalMilliseconds);
    }

    [Fact]
    public async Task All_connections_share_one_line()
    {
        _proxy.Condition = new ProxyCondition { BytesPerSecond = 2_000_000 };
        long began = Time.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ReadAsync(0, 249_999)));
        Assert.InRange(Time.GetElapsedTime(began).TotalMilliseconds, 490, 10_000);
    }

    [Fact]
    public async Task One_bit_of_each_body_is_flipped_and_no_more()
    {
        _proxy.Fault = ProxyFault.FlippedBit;
        foreach (int length in (int[])[1, 100, 200_000])
        {
            byte[] body = await ReadAsync(0, length - 1);
            int flipped = body.Zip(_file, (one, other) => int.PopCount(one ^ other)).Sum();
            Assert.Equal((length, 1), (body.Length, flipped));
        }
    }

    [Fact]
    public async Task What_is_no_file_has_its_own_status()
    {
        _proxy.Fault = ProxyFault.WholeFile;
        using HttpResponseMessage whole = await AskAsync(10, 19);
        Assert.Equal(HttpStatusCode.OK, whole.StatusCode);
        Assert.Equal(_file, await whole.Content.ReadAsByteArrayAsync(Token));
        _proxy.Fault = ProxyFault.Portal;
        using HttpResponseMessage page = await AskAsync(10, 19);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        _proxy.Condition = new ProxyCondition
        {
            Fault = ProxyFault.Busy,
            RetryAfter = TimeSpan.FromSeconds(7),
        };
        using HttpResponseMessage busy = await AskAsync(10, 19);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, busy.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(7), busy.Headers.RetryAfter!.Delta);
    }

    [Theory]
    [InlineData(ProxyFault.Reset)]
    [InlineData(ProxyFault.Refused)]
    public async Task What_breaks_is_an_error_and_whole_again_when_it_ends(ProxyFault fault)
    {
        await ReadAsync(0, 9);
        _proxy.Fault = fault;
        Exception error = await Assert.ThrowsAnyAsync<Exception>(() => ReadAsync(0, 199_999));
        Assert.True(error is HttpRequestException or IOException, error.ToString());
        _proxy.Fault = ProxyFault.None;
        Assert.Equal(_file[..200_000], await ReadAsync(0, 199_999));
    }

    [Theory]
    [InlineData(ProxyFault.Silent)]
    [InlineData(ProxyFault.Unanswered)]
    public async Task What_stops_in_mid_body_goes_on_when_it_ends(ProxyFault fault)
    {
        _proxy.Condition = new ProxyCondition { BytesPerSecond = 400_000 };
        Task<byte[]> read = ReadAsync(0, 199_999);
        await Farm.UntilAsync(() => _proxy.BytesSent > 50_000);
        _proxy.Fault = fault;
        await Task.Delay(TimeSpan.FromSeconds(0.6), Time, Token);
        Assert.False(read.IsCompleted);
        long sent = _proxy.BytesSent;
        using HttpClient other = new(new SocketsHttpHandler
        {
            ConnectCallback = (_, stop) => _proxy.ConnectAsync(stop),
        });
        Task<byte[]> late = other.GetByteArrayAsync(new Uri(_proxy.Root, "file"), Token);
        await Task.Delay(TimeSpan.FromSeconds(0.2), Time, Token);
        Assert.Equal((sent, false), (_proxy.BytesSent, late.IsCompleted));
        _proxy.Fault = ProxyFault.None;
        Assert.Equal(_file[..200_000], await read);
        Assert.Equal(_file, await late);
    }

    [Fact]
    public async Task A_body_that_drips_comes_all_the_same()
    {
        _proxy.Fault = ProxyFault.Drip;
        long began = Time.GetTimestamp();
        Assert.Equal(_file[..1_000], await ReadAsync(0, 999));
        Assert.InRange(Time.GetElapsedTime(began).TotalMilliseconds, 380, 10_000);
    }

    private async Task<byte[]> ReadAsync(int first, int last)
    {
        using HttpResponseMessage response = await AskAsync(first, last);
        return await response.Content.ReadAsByteArrayAsync(Token);
    }

    private async Task<HttpResponseMessage> AskAsync(int first, int last)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(_proxy.Root, "file"));
        request.Headers.Range = new(first, last);
        return await _client.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, Token);
    }
}
