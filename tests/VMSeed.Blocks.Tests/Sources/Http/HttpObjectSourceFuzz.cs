using System.Text;
using VMSeed.Blocks.Primitives;
using VMSeed.Testing.Servers;

namespace VMSeed.Blocks.Tests.Sources.Http;

/// <summary>Mutated answers: the range, or a typed error in bounded time; never another
/// outcome.</summary>
public sealed class HttpObjectSourceFuzz : IAsyncDisposable
{
    private const int Offset = 5000;
    private const int Length = 300;

    private static readonly string[] Fields =
    [
        "Content-Range: bytes 5000-5299/100000",
        "Content-Range: bytes 5000-5299/*",
        "Content-Range: bytes 0-299/100000",
        "Content-Range: bytes */100000",
        "Content-Range: bytes 18446744073709551616-1/1",
        "Content-Length: 300",
        "Content-Length: 299",
        "Content-Length: 100000",
        "Content-Length: -1",
        "Content-Length: 99999999999999999999",
        "Transfer-Encoding: chunked",
        "Transfer-Encoding: gzip, chunked",
        "Content-Encoding: br",
        "Content-Encoding: identity",
        "Content-Encoding:",
        "Content-Type: text/html",
        "Content-Type: multipart/byteranges",
        "Content-Type: ;;;",
        "Location: http://[::1",
        "Location: //",
        "Retry-After: Fri, 99 Foo 0000",
        "Connection: close",
        "Set-Cookie: a=b",
        "\0\0: x",
        " folded",
        ": nameless",
    ];

    private static readonly string[] Statuses =
    [
        "206 Partial Content", "206", "200 OK", "200", "302 Found", "416 x", "503 x", "999 x",
        "0 x", "100 x", "304 x", "OK",
    ];

    private readonly SourceFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Any_head_gives_the_range_or_a_typed_error(int seed)
    {
        Random random = new(seed);
        int good = 0;
        for (int round = 0; round < 400; round++)
        {
            byte[] answer = Compose(random);
            // Always, not Next: a connection that a bad answer has spoilt may fail the request
            // after it before the server has seen that.
            _fixture.Server.Always("*", Fault.Raw(answer));
            try
            {
                byte[] bytes = await SourceFixture.ReadAsync(
                    _fixture.Source, _fixture.Ask(Offset, Length));
                good++;
                AssertLooksRight(answer, bytes);
            }
            catch (BlockIOException e)
            {
                Assert.StartsWith(_fixture.Url, e.Message, StringComparison.Ordinal);
            }
        }

        Assert.InRange(good, 1, 399);
    }

    // Bodies are shorter than the object, so that only a part that names itself can be right.
    private static void AssertLooksRight(byte[] answer, byte[] bytes)
    {
        string head = Encoding.Latin1.GetString(answer);
        Assert.Contains("206", head, StringComparison.Ordinal);
        Assert.Contains("bytes 5000-5299/", head, StringComparison.OrdinalIgnoreCase);
        Assert.All(bytes, one => Assert.Equal((byte)'x', one));
    }

    private static byte[] Compose(Random random)
    {
        List<string> fields = random.Next(3) == 0 ? [] : [Fields[0], Fields[5]];
        for (int more = random.Next(3); more > 0; more--)
        {
            fields.Insert(random.Next(fields.Count + 1), Fields[random.Next(Fields.Length)]);
        }

        string status = Statuses[random.Next(2) == 0 ? 0 : random.Next(Statuses.Length)];
        string end = random.Next(10) == 0 ? "\n" : "\r\n";
        byte[] head = Encoding.Latin1.GetBytes(
            $"HTTP/1.1 {status}{end}{string.Concat(fields.Select(f => f + end))}{end}");
        for (int flips = random.Next(4) == 0 ? random.Next(1, 4) : 0; flips > 0; flips--)
        {
            head[random.Next(head.Length)] = (byte)random.Next(256);
        }

        byte[] body = new byte[random.Next(4) == 0 ? random.Next(400) : Length];
        body.AsSpan().Fill((byte)'x');
        return [.. head, .. body];
    }
}
