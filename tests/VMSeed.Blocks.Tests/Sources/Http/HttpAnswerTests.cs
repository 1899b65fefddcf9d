using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Sources;
using VMSeed.Testing.Servers;
using static VMSeed.Blocks.Primitives.FailureReason;

namespace VMSeed.Blocks.Tests.Sources.Http;

/// <summary>Every way in which a server was seen to answer, and what a reader gets.</summary>
/// <remarks>All cases ask for bytes 5000 to 24999 of an object of 100000.</remarks>
public sealed class HttpAnswerTests : IAsyncDisposable
{
    /// <summary>What an answer may cost in time: the slow start of the fixture, and a machine under
    /// load.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(4);

    private const bool Final = false;
    private const bool Again = true;
    private const string NoRange = "without one Content-Range that can be read";

    private readonly SourceFixture _fixture = new();

    private static readonly Dictionary<string, Case> Cases = new()
    {
        ["range missing"] = new(Fault.ContentRange(null), Refused, Final, NoRange),
        ["range garbled"] = new(Fault.ContentRange("bytes=5000"), Refused, Final, NoRange),
        ["range of another unit"] =
            new(Fault.ContentRange("items 5000-24999/100000"), Refused, Final, NoRange),
        ["range shifted"] =
            new(Fault.ContentRange("bytes 5001-25000/100000"),
                Refused, Final, "5001 to 25000 for 5000"),
        ["range shorter"] =
            new(Fault.ContentRange("bytes 5000-24998/100000"),
                Refused, Final, "5000 to 24998 for 5000"),
        ["other total"] =
            new(Fault.ContentRange("bytes 5000-24999/100001"),
                Corrupt, Again, "100001 bytes instead of 100000"),
        ["several parts"] = new(With("Content-Type: multipart/byteranges; boundary=x"),
            Refused, Final, "several parts"),
        ["announced longer"] = new(Fault.Replace(new byte[20_001]), Refused, Final, "20001 bytes"),
        ["chunks go on"] =
            new(Fault.Chunked(extra: 1), Refused, Final, "more than the 20000 bytes"),
        ["chunks never end"] =
            new(Fault.Chunked(endless: true), Refused, Final, "more than the 20000"),
        ["body cut"] = new(Fault.CutAfter(700), Unavailable, Again, "after 700 bytes"),
        ["body reset"] = new(Fault.ResetAfter(0), Unavailable, Again, "could not be read"),
        ["body stalls"] =
            new(Fault.StallAfter(700), Unavailable, Again, "700 bytes and then nothing for 0.4 s"),
        ["head stalls"] = new(Fault.StallBeforeHead, Unavailable, Again, "sent nothing"),
        ["body drips"] =
            new(Fault.Drip(1, TimeSpan.FromMilliseconds(50)),
                Unavailable, Again, "slower than 4096 B/s"),
        ["gzip"] = new(Fault.Gzip, Refused, Final, "as gzip"),
        ["portal"] = new(Fault.Portal, Refused, Again, "captive portal"),
        ["whole, unknown length"] =
            new(Fault.NoRangesChunked, Refused, Final, "(200), of unknown length"),
        ["404"] = new(Fault.Status(404), Missing, Final, "404 (NotFound)"),
        ["410"] = new(Fault.Status(410), Missing, Final, "410 (Gone)"),
        ["401"] =
            new(Fault.Status(401), Refused, Final, "401 (Unauthorized): it wants credentials"),
        ["403"] = new(Fault.Status(403), Refused, Final, "403 (Forbidden): it wants credentials"),
        ["400"] = new(Fault.Status(400), Refused, Final, "400 (BadRequest)"),
        ["204"] = new(Fault.Status(204), Refused, Final, "204 (NoContent)"),
        ["416"] = new(Fault.Status(416), Corrupt, Again, "too short for bytes 5000 to 24999"),
        ["416, short"] = new(Fault.Status(416, "Content-Range: bytes */4000"),
            Corrupt, Again, "its length is 4000"),
        ["416, contradiction"] = new(Fault.Status(416, "Content-Range: bytes */100000"),
            Refused, Final, "has 100000 bytes, and answered 416"),
        ["408"] = new(Fault.Status(408), Unavailable, Again, "408 (RequestTimeout)"),
        ["429"] = new(Fault.Status(429), Unavailable, Again, "429 (TooManyRequests)"),
        ["500"] = new(Fault.Status(500), Unavailable, Again, "500 (InternalServerError)"),
        ["502"] = new(Fault.Status(502), Unavailable, Again, "502 (BadGateway)"),
        ["503"] = new(Fault.Status(503), Unavailable, Again, "503 (ServiceUnavailable)"),
        ["599"] = new(Fault.Status(599), Unavailable, Again, "599"),
        ["redirect loop"] =
            new(Fault.Redirect("/" + SourceFixture.Name + "?token=secret"), Refused, false,
                "302 (Found) to /objects/ab/abcdef: a loop,"),
        ["redirect without place"] = new(Fault.Status(302), Refused, Final, "without saying where"),
        ["304"] = new(Fault.Status(304), Refused, Final, "304"),
        ["no HTTP"] =
            new(Fault.Raw("SSH-2.0-OpenSSH_9.2\r\n\r\n"u8.ToArray()),
                Refused, Final, "could not be read"),
        ["nothing"] = new(Fault.Raw([]), Unavailable, Again, "could not be read"),
        ["endless head"] = new(Fault.Raw(LongHead()), Refused, Final, "could not be read"),
        ["two ranges"] = new(With("Content-Range: bytes 5000-24999/100000"),
            Refused, Final, NoRange),
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
        // Socket buffers of both sides and the drain of the handler: megabytes, whatever the server
        // has.
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
        Assert.Contains("200 with 100000 bytes", e.Message, StringComparison.Ordinal);
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

    private sealed record Case(Fault Fault, FailureReason Reason, bool CanRetry, string Fact);

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
