using Microsoft.Extensions.Logging.Abstractions;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Sources;
using VMSeed.Blocks.Sources.Http;
using VMSeed.Testing;
using VMSeed.Testing.Servers;

namespace VMSeed.Blocks.Tests.Sources.Http;

/// <summary>The real server that most repositories will lie on.</summary>
public sealed class NginxTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly byte[] _bytes = new byte[2 << 20];

    public NginxTests()
    {
        // Text of sorts, so that gzip would have something to gain.
        for (int i = 0; i < _bytes.Length; i++)
        {
            _bytes[i] = (byte)('a' + (i * 31 % 257 % 26));
        }

        _folder.Write(SourceFixture.Name, _bytes);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Ranges_one_after_another_use_one_connection()
    {
        await using NginxServer server = await NginxServer.StartAsync(_folder.Root);
        await using HttpObjectSource source = Open(server.Root);
        for (int i = 0; i < 200; i++)
        {
            int offset = i * 9973;
            byte[] range = await SourceFixture.ReadAsync(source, Ask(offset, 4096));
            Assert.Equal(_bytes[offset..(offset + 4096)], range);
        }

        string[][] log = await ReadLogAsync(server, 200);
        Assert.All(log, line => Assert.Equal(("206", "4096"), (line[1], line[2])));
        Assert.Single(log.Select(line => line[0]).Distinct());
    }

    [Fact]
    public async Task Many_at_once_use_no_more_connections_than_allowed()
    {
        await using NginxServer server = await NginxServer.StartAsync(_folder.Root);
        await using HttpObjectSource source = Open(server.Root);
        await Task.WhenAll(Enumerable.Range(0, 200).Select(async i => Assert.Equal(
            _bytes[i..(i + 8192)], await SourceFixture.ReadAsync(source, Ask(i, 8192)))));
        string[][] log = await ReadLogAsync(server, 200);
        int connections = log.Select(line => line[0]).Distinct().Count();
        Assert.InRange(connections, 2, DefaultHttpClient.ConnectionsPerServer);
    }

    [Fact]
    public async Task A_server_that_compresses_everything_sends_plain_bytes()
    {
        await using NginxServer server = await NginxServer.StartAsync(
            _folder.Root, "gzip on; gzip_types *; gzip_min_length 1; gzip_proxied any;");
        await using HttpObjectSource source = Open(server.Root);
        Assert.Equal(_bytes[..5000], await SourceFixture.ReadAsync(source, Ask(0, 5000)));
        Assert.Equal(
            _bytes,
            await source.ReadWholeAsync(SourceFixture.Name, _bytes.Length, null, Stop));
    }

    [Fact]
    public async Task A_server_without_ranges_is_read_whole_and_warned_of_once()
    {
        await using NginxServer server =
            await NginxServer.StartAsync(_folder.Root, "max_ranges 0;");
        RecordingLogger<HttpObjectSource> logger = new();
        await using HttpObjectSource source = Open(server.Root, logger);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(
                _bytes[(i * 500_000)..((i * 500_000) + 1000)],
                await SourceFixture.ReadAsync(source, Ask(i * 500_000, 1000)));
        }

        string warning = Assert.Single(logger.Messages);
        Assert.Contains("has no ranges", warning, StringComparison.Ordinal);
        Assert.Contains(server.Root.ToString(), warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_overloaded_says_when_to_come_back()
    {
        BlockIOException e = await FailAsync(
            "location / { add_header Retry-After 9 always; return 503; }");
        Assert.Equal((FailureReason.Unavailable, true), (e.Reason, e.CanRetry));
        Assert.Equal(TimeSpan.FromSeconds(9), e.RetryAfter);
    }

    [Fact]
    public async Task A_server_that_wants_a_password_is_told_apart_and_served()
    {
        // joe, hidden: the SHA-1 scheme of htpasswd, which every build of nginx has.
        byte[] hash = System.Security.Cryptography.SHA1.HashData("hidden"u8);
        _folder.Write(".htpasswd", System.Text.Encoding.ASCII.GetBytes(
            $"joe:{{SHA}}{Convert.ToBase64String(hash)}\n"));
        string directives = $"auth_basic x; auth_basic_user_file {_folder.Root}/.htpasswd;";
        BlockIOException e = await FailAsync(directives);
        Assert.Equal((FailureReason.Refused, false), (e.Reason, e.CanRetry));
        Assert.Contains("wants credentials", e.Message, StringComparison.Ordinal);

        await using NginxServer server = await NginxServer.StartAsync(_folder.Root, directives);
        Uri root = new UriBuilder(server.Root) { UserName = "joe", Password = "hidden" }.Uri;
        await using HttpObjectSource source = Open(root);
        Assert.Equal(_bytes[..10], await SourceFixture.ReadAsync(source, Ask(0, 10)));
    }

    [Fact]
    public async Task A_missing_file_and_a_shrunken_one_are_told_apart()
    {
        await using NginxServer server = await NginxServer.StartAsync(_folder.Root);
        await using HttpObjectSource source = Open(server.Root);
        BlockIOException missing = await Assert.ThrowsAsync<BlockIOException>(
            () => SourceFixture.ReadAsync(source, new ObjectRequest("objects/cd/cd", 0, 1)));
        Assert.Equal(FailureReason.Missing, missing.Reason);
        _folder.Write(SourceFixture.Name, _bytes.AsSpan(0, 1000));
        BlockIOException clipped = await Assert.ThrowsAsync<BlockIOException>(
            () => SourceFixture.ReadAsync(source, Ask(500, 1000)));
        Assert.Equal(FailureReason.Corrupt, clipped.Reason);
        BlockIOException beyond = await Assert.ThrowsAsync<BlockIOException>(
            () => SourceFixture.ReadAsync(source, Ask(5000, 1000)));
        Assert.Equal(FailureReason.Corrupt, beyond.Reason);
        Assert.Contains("its length is 1000", beyond.Message, StringComparison.Ordinal);
    }

    private ObjectRequest Ask(long offset, int length) =>
        new(SourceFixture.Name, offset, length, _bytes.Length);

    private async Task<BlockIOException> FailAsync(string directives)
    {
        await using NginxServer server = await NginxServer.StartAsync(_folder.Root, directives);
        await using HttpObjectSource source = Open(server.Root);
        return await Assert.ThrowsAsync<BlockIOException>(
            () => SourceFixture.ReadAsync(source, Ask(0, 10)));
    }

    private static HttpObjectSource Open(
        Uri root, RecordingLogger<HttpObjectSource>? logger = null) =>
        new(
            DefaultHttpClient.Create(),
            root,
            new HttpSourceOptions(),
            TimeProvider.System,
            logger ?? (Microsoft.Extensions.Logging.ILogger)NullLogger.Instance,
            ownsClient: true);

    // nginx writes a request's line after the request, so the last one may come late.
    private static async Task<string[][]> ReadLogAsync(NginxServer server, int requests)
    {
        string[][] log = await server.ReadLogAsync();
        while (log.Length < requests)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Stop);
            log = await server.ReadLogAsync();
        }

        return log;
    }
}
