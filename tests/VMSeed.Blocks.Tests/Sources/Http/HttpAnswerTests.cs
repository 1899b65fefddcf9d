using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Sources;
using VMSeed.Testing.Servers;
using static VMSeed.Blocks.Primitives.FailureReason;

namespace VMSeed.Blocks.Tests.Sources.Http;

/// <summary>Every way in which a server was seen to answer, and what a reader gets.</summary>
/// <remarks>All cases ask for bytes 5000 to 24999 of an object of 100000.</remarks>
public sealed class HttpAnswerTests : IAsyncDisposable
{
    /// <summary>What an answer may cost in time: the slow start of the fixture, and a machine under load.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(4);

    private readonly SourceFixture _fixture = new();

    private static readonly Dictionary<string, (Fault Fault, FailureReason Reason, bool CanRetry, string Fact)>
        Cases = new()
        {
            ["range missing"] = (Fault.ContentRange(null), Refused, false, "without one Content-Range"),
            ["range garbled"] = (Fault.ContentRange("bytes=5000"), Refused, false, "without one Content-Range"),
            ["range of another unit"] =
                (Fault.ContentRange("items 5000-24999/100000"), Refused, false, "without one Content-Range"),
            ["range shifted"] =
                (Fault.ContentRange("bytes 5001-25000/100000"), Refused, false, "5001 to 25000 for 5000"),
            ["range shorter"] =
                (Fault.ContentRange("bytes 5000-24998/100000"), Refused, false, "5000 to 24998 for 5000"),
            ["other total"] =
                (Fault.ContentRange("bytes 5000-24999/100001"), Corrupt, true, "100001 bytes instead of 100000"),
            ["several parts"] = (With("Content-Type: multipart/byteranges; boundary=x"),
                Refused, false, "several parts"),
            ["announced longer"] = (Fault.Replace(new byte[20_001]), Refused, false, "20001 bytes"),
            ["chunks go on"] = (Fault.Chunked(extra: 1), Refused, false, "more than the 20000 bytes"),
            ["chunks never end"] = (Fault.Chunked(endless: true), Refused, false, "more than the 20000"),
            ["body cut"] = (Fault.CutAfter(700), Unavailable, true, "after 700 bytes"),
            ["body reset"] = (Fault.ResetAfter(0), Unavailable, true, "could not be read"),
            ["body stalls"] = (Fault.StallAfter(700), Unavailable, true, "700 bytes and then nothing for 0.4 s"),
            ["head stalls"] = (Fault.StallBeforeHead, Unavailable, true, "sent nothing"),
            ["body drips"] =
                (Fault.Drip(1, TimeSpan.FromMilliseconds(50)), Unavailable, true, "slower than 4096 B/s"),
            ["gzip"] = (Fault.Gzip, Refused, false, "as gzip"),
            ["portal"] = (Fault.Portal, Refused, true, "captive portal"),
            ["whole, unknown length"] = (Fault.NoRangesChunked, Refused, false, "(200), of unknown length"),
            ["404"] = (Fault.Status(404), Missing, false, "404 (NotFound)"),
            ["410"] = (Fault.Status(410), Missing, false, "410 (Gone)"),
            ["401"] = (Fault.Status(401), Refused, false, "401 (Unauthorized): it wants credentials"),
            ["403"] = (Fault.Status(403), Refused, false, "403 (Forbidden): it wants credentials"),
            ["400"] = (Fault.Status(400), Refused, false, "400 (BadRequest)"),
            ["204"] = (Fault.Status(204), Refused, false, "204 (NoContent)"),
            ["416"] = (Fault.Status(416), Corrupt, true, "too short for bytes 5000 to 24999"),
            ["416, short"] = (Fault.Status(416, "Content-Range: bytes */4000"),
                Corrupt, true, "its length is 4000"),
            ["416, contradiction"] = (Fault.Status(416, "Content-Range: bytes */100000"),
                Refused, false, "has 100000 bytes, and answered 416"),
            ["408"] = (Fault.Status(408), Unavailable, true, "408 (RequestTimeout)"),
            ["429"] = (Fault.Status(429), Unavailable, true, "429 (TooManyRequests)"),
            ["500"] = (Fault.Status(500), Unavailable, true, "500 (InternalServerError)"),
            ["502"] = (Fault.Status(502), Unavailable, true, "502 (BadGateway)"),
            ["503"] = (Fault.Status(503), Unavailable, true, "503 (ServiceUnavailable)"),
            ["599"] = (Fault.Status(599), Unavailable, true, "599"),
            ["redirect loop"] =
                (Fault.Redirect("/" + SourceFixture.Name + "?token=secret"), Refused, false,
                    "302 (Found) to /objects/ab/abcdef: a loop"),
            ["redirect without place"] = (Fault.Status(302), Refused, false, "without saying where"),
            ["304"] = (Fault.Status(304), Refused, false, "304"),
            ["no HTTP"] = (Fault.Raw("SSH-2.0-OpenSSH_9.2\r\n\r\n"u8.ToArray()), Refused, false, "could not be read"),
            ["nothing"] = (Fault.Raw([]), Unavailable, true, "could not be read"),
            ["endless head"] = (Fault.Raw(LongHead()), Refused, false, "could not be read"),
            ["two ranges"] = (With("Content-Range: bytes 5000-24999/100000"),
                Refused, false, "without one Content-Range"),
        };

    public static TheoryData<string> Names => [.. Cases.Keys];

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_answer_is_told_for_what_it_is(string name)
    {
        (Fault fault, FailureReason reason, bool canRetry, string fact) = Cases[name];
        _fixture.Server.Always("*", fault);
        long start = TimeProvider.System.GetTimestamp();
        BlockIOException e = await _fixture.FailAsync();

        Assert.Equal((reason, canRetry), (e.Reason, e.CanRetry));
        Assert.True(e.Message.Contains(fact, StringComparison.Ordinal), e.Message);
        Assert.StartsWith(_fixture.Url + " ", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", e.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", e.Message, StringComparison.Ordinal);
        Assert.Equal(SourceFixture.Name, e.ObjectName);
        Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.Zero, Bound);
    }

    [Fact]
    public async Task An_endless_body_costs_what_sockets_hold_and_no_more()
    {
        _fixture.Server.Always("*", Fault.Chunked(endless: true));
        await _fixture.FailAsync();
        // Socket buffers of both sides and the drain of the handler: megabytes, whatever the server has.
        Assert.InRange(_fixture.Server.BytesSent, 20_000, 16 << 20);
    }

    [Fact]
    public async Task A_whole_object_serves_where_its_length_is_the_indexs()
    {
        _fixture.Server.Always("*", Fault.NoRanges);
        byte[] bytes = await SourceFixture.ReadAsync(_fixture.Source, _fixture.Ask(70_000, 1000));
        Assert.Equal(_fixture.Bytes[70_000..71_000], bytes);
    }

    [Fact]
    public async Task A_whole_object_of_another_length_is_corrupt()
    {
        _fixture.Server.Always("*", Fault.NoRanges);
        BlockIOException e = await _fixture.FailAsync(
            _fixture.Ask(5000, 100) with { ObjectLength = 99_999 });
        Assert.Equal((Corrupt, true), (e.Reason, e.CanRetry));
        Assert.Contains("200 with 100000 bytes instead of 99999", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_whole_object_of_unknown_length_is_refused()
    {
        _fixture.Server.Always("*", Fault.NoRanges);
        BlockIOException e = await _fixture.FailAsync(
            _fixture.Ask(0, 100) with { ObjectLength = 0 });
        Assert.Equal((Refused, false), (e.Reason, e.CanRetry));
    }

    [Fact]
    public async Task A_whole_object_that_is_large_is_refused_unless_all_of_it_was_asked_for()
    {
        byte[] large = new byte[300_000];
        _fixture.Folder.Write("objects/cd/cd", large);
        _fixture.Server.Always("*", Fault.NoRanges);
        ObjectRequest request = new("objects/cd/cd", 0, 100, large.Length);
        BlockIOException e = await _fixture.FailAsync(request);
        Assert.Equal((Refused, false), (e.Reason, e.CanRetry));
        Assert.Contains("300000 bytes, and more than 200000", e.Message, StringComparison.Ordinal);
        Assert.Equal(large, await SourceFixture.ReadAsync(
            _fixture.Source, request with { Length = large.Length }));
    }

    [Fact]
    public async Task A_whole_object_that_is_cut_before_the_range_is_unavailable()
    {
        _fixture.Server.Always("*", Fault.Raw(
            "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nshort"u8.ToArray()));
        BlockIOException e = await _fixture.FailAsync();
        Assert.Equal((Unavailable, true), (e.Reason, e.CanRetry));
    }

    // A right answer but for one more field.
    private static Fault With(string field) => new(field, async x =>
    {
        await x.SendHeadAsync("206 Partial Content", "Content-Length: 20000", x.GoodRange, field);
        await x.SendAsync(x.Wanted);
    });

    private static byte[] LongHead()
    {
        byte[] head = new byte[200_000];
        head.AsSpan().Fill((byte)'a');
        "HTTP/1.1 206 Partial Content\r\nX: "u8.CopyTo(head);
        return head;
    }
}
