using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Sources.Http;
using VMSeed.Testing.Servers;

namespace VMSeed.Blocks.Tests.Sources.Http;

public sealed class HttpFailuresTests : IAsyncDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    // A name service and a handshake under load are given more time than a stall in the body.
    private static readonly HttpSourceOptions Options =
        new() { NoProgressTimeout = TimeSpan.FromSeconds(2) };

    private readonly SourceFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [InlineData("7", 7)]
    [InlineData("0", 0)]
    [InlineData("86400", 300)]
    [InlineData("Fri, 01 May 2026 12:00:30 GMT", 30)]
    [InlineData("Fri, 01 May 2026 11:00:00 GMT", 0)]
    [InlineData("Sat, 01 May 2027 12:00:00 GMT", 300)]
    [InlineData("soon", null)]
    [InlineData("-5", null)]
    [InlineData("99999999999999999999", null)]
    public async Task Retry_after_is_seconds_or_a_date_and_has_a_cap(string value, int? seconds)
    {
        // Only the clock of dates is turned back: the watch runs on real time.
        await using HttpObjectSource source = new(
            _fixture.Client, _fixture.Server.Root, SourceFixture.Impatient, new NoonTime(),
            NullLogger.Instance);
        _fixture.Server.Always("*", Fault.Status(503, $"Retry-After: {value}"));
        BlockIOException e = await Assert.ThrowsAsync<BlockIOException>(
            () => SourceFixture.ReadAsync(source, _fixture.Ask(0, 10)));
        Assert.Equal(seconds, e.RetryAfter?.TotalSeconds);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_unavailable()
    {
        Uri root = _fixture.Server.Root;
        await _fixture.Server.DisposeAsync();
        await AssertFailsAsync(root, FailureReason.Unavailable, "refused");
    }

    [Fact]
    public async Task A_host_that_does_not_exist_is_unavailable() =>
        await AssertFailsAsync(
            new Uri("http://host.invalid/"), FailureReason.Unavailable, "could not be read");

    [Fact]
    public async Task A_certificate_that_is_not_trusted_is_refused()
    {
        using X509Certificate2 certificate = MakeCertificate();
        await using FaultServer server = new(_fixture.Folder.Root, certificate);
        await AssertFailsAsync(server.Root, FailureReason.Refused, "is not trusted by TLS");
    }

    [Fact]
    public async Task A_server_that_speaks_no_TLS_is_named()
    {
        Uri root = new UriBuilder(_fixture.Server.Root) { Scheme = "https" }.Uri;
        await AssertFailsAsync(root, reason: null, "https://127.0.0.1");
    }

    [Fact]
    public async Task A_redirect_from_https_to_http_is_refused()
    {
        using X509Certificate2 certificate = MakeCertificate();
        await using FaultServer server = new(_fixture.Folder.Root, certificate);
        server.Always("*", Fault.Redirect(_fixture.Url));
        using SocketsHttpHandler handler = DefaultHttpClient.CreateHandler();
        handler.SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
        };
        using HttpClient client = new(handler);
        BlockIOException e = await FailAsync(client, server.Root);
        Assert.Equal((FailureReason.Refused, false), (e.Reason, e.CanRetry));
        Assert.Contains("from https to http is not followed", e.Message, StringComparison.Ordinal);
        Assert.Empty(_fixture.Server.Requests);
    }

    [Fact]
    public async Task A_client_that_follows_to_http_by_itself_is_found_out()
    {
        using HttpClient client = new(new Rewriting(_fixture.Server.Root));
        BlockIOException e = await FailAsync(client, new Uri("https://example.org/"));
        Assert.Equal((FailureReason.Refused, false), (e.Reason, e.CanRetry));
        Assert.Contains("was redirected from https to http", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_clients_own_timeout_is_unavailable()
    {
        using HttpClient client = new() { Timeout = TimeSpan.FromMilliseconds(50) };
        _fixture.Server.Always("*", Fault.StallBeforeHead);
        BlockIOException e = await FailAsync(client, _fixture.Server.Root);
        Assert.Equal((FailureReason.Unavailable, true), (e.Reason, e.CanRetry));
        Assert.Contains("by its own timeout", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_callers_cancellation_stays_one(bool inBody)
    {
        _fixture.Server.Always("*", inBody ? Fault.StallAfter(10) : Fault.StallBeforeHead);
        using CancellationTokenSource caller = new(TimeSpan.FromMilliseconds(100));
        OperationCanceledException e = await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => SourceFixture.ReadAsync(_fixture.Source, _fixture.Ask(0, 100), caller.Token));
        Assert.Equal(caller.Token, e.CancellationToken);
    }

    [Fact]
    public async Task Whatever_a_handler_throws_is_a_failure_of_the_request()
    {
        using HttpClient client = new(new Throwing());
        BlockIOException e = await FailAsync(client, _fixture.Server.Root);
        Assert.Equal((FailureReason.Unavailable, true), (e.Reason, e.CanRetry));
        Assert.IsType<InvalidOperationException>(e.InnerException);
    }

    [Fact]
    public async Task Secrets_of_an_address_are_sent_and_not_shown()
    {
        Uri root = new UriBuilder(_fixture.Server.Root)
        {
            UserName = "joe",
            Password = "hidden1",
            Query = "sig=hidden2",
        }.Uri;
        _fixture.Server.Always("*", Fault.Status(403));
        BlockIOException e = await FailAsync(_fixture.Client, root);
        Assert.DoesNotContain("hidden", e.ToString(), StringComparison.Ordinal);
        ServedRequest request = Assert.Single(_fixture.Server.Requests);
        Assert.EndsWith("?sig=hidden2", request.Target, StringComparison.Ordinal);
        Assert.Equal("Basic am9lOmhpZGRlbjE=", request.Headers["Authorization"]);
    }

    private async Task AssertFailsAsync(Uri root, FailureReason? reason, string fact)
    {
        BlockIOException e = await FailAsync(_fixture.Client, root);
        Assert.Equal(reason ?? e.Reason, e.Reason);
        Assert.Equal(e.Reason == FailureReason.Unavailable, e.CanRetry);
        Assert.Contains(fact, e.Message, StringComparison.Ordinal);
        Assert.StartsWith($"{root}{SourceFixture.Name} ", e.Message, StringComparison.Ordinal);
    }

    private async Task<BlockIOException> FailAsync(HttpClient client, Uri root)
    {
        await using HttpObjectSource source = new(
            client, root, Options, TimeProvider.System, NullLogger.Instance);
        return await Assert.ThrowsAsync<BlockIOException>(
            () => SourceFixture.ReadAsync(source, _fixture.Ask(0, 10)));
    }

    private static X509Certificate2 MakeCertificate()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        using X509Certificate2 made = request.CreateSelfSigned(
            DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(100));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    private sealed class NoonTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Noon;
    }

    private sealed class Throwing : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("The circuit is open.");
    }

    private sealed class Rewriting(Uri target) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.RequestUri = target;
            return Task.FromResult(
                new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request });
        }
    }
}
