using Microsoft.Extensions.Logging;
using VMSeed.Blocks.Primitives;
using VMSeed.Testing;
using VMSeed.Testing.Servers;
using static VMSeed.Blocks.Primitives.FailureReason;

namespace VMSeed.Blocks.Tests;

/// <summary>Every way in which a server was seen to answer, to the opening and to a later read, and
/// what a reader gets.</summary>
public sealed class HttpRangeDeviceAnswerTests
{
    private const int Length = 300_000;
    private const bool Final = false;
    private const bool Again = true;
    private const string NoRange = "without one Content-Range that can be read";
    private const string Changed = "has changed since it was opened (ETag \"v1\")";

    private static readonly Dictionary<string, Case> Both = new()
    {
        ["404"] = new(Fault.Status(404), Missing, Final, "404 (NotFound)"),
        ["410"] = new(Fault.Status(410), Missing, Final, "410 (Gone)"),
        ["401"] = new(Fault.Status(401), Refused, Final, "401 (Unauthorized): it wants credent"),
        ["403"] = new(Fault.Status(403), Refused, Final, "403 (Forbidden): it wants credentials"),
        ["407"] = new(Fault.Status(407), Refused, Final, "407 (ProxyAuthenticationRequired): it"),
        ["400"] = new(Fault.Status(400), Refused, Final, "400 (BadRequest)"),
        ["204"] = new(Fault.Status(204), Refused, Final, "204 (NoContent)"),
        ["304"] = new(Fault.Status(304), Refused, Final, "304"),
        ["429"] = new(Fault.Status(429), Unavailable, Again, "429 (TooManyRequests)"),
        ["503"] = new(Fault.Status(503), Unavailable, Again, "503 (ServiceUnavailable)"),
        ["503, later"] = new(Fault.Status(503, "Retry-After: 77"), Unavailable, Again, "wait 77 s"),
        ["range missing"] = new(Fault.ContentRange(null), Refused, Final, NoRange),
        ["range garbled"] = new(Fault.ContentRange("bytes=5000"), Refused, Final, NoRange),
        ["range shifted"] =
            new(Fault.ContentRange("bytes 1-65536/300000"), Refused, Final, "sent bytes 1 to"),
        ["several parts"] =
            new(Fields("Content-Type: multipart/byteranges; boundary=x"),
                Refused, Final, "several parts"),
        ["announced longer"] =
            new(Fault.Replace(new byte[100_000]), Refused, Final, "announces 100000 bytes"),
        ["chunks go on"] = new(Fault.Chunked(extra: 1), Refused, Final, "more than the"),
        ["chunks never end"] =
            new(Fault.Chunked(endless: true), Refused, Final, "more than the"),
        ["gzip"] = new(Fault.Gzip, Refused, Final, "as gzip"),
        ["portal"] = new(Fault.Portal, Refused, Again, "captive portal"),
        ["whole, unknown length"] =
            new(Fault.NoRangesChunked, Refused, Final, "(200), of unknown length"),
        ["redirect loop"] =
            new(Fault.Redirect("/" + ServedFile.Name + "?token=secret"), Refused, Final, "a loop,"),
        ["redirect without place"] = new(Fault.Status(302), Refused, Final, "without saying where"),
        ["no HTTP"] =
            new(Fault.Raw("SSH-2.0-OpenSSH_9.2\r\n\r\n"u8.ToArray()),
                Refused, Final, "could not be read"),
        ["nothing"] = new(Fault.Raw([]), Unavailable, Again, "could not be read"),
        ["head stalls"] = new(Fault.StallBeforeHead, Unavailable, Again, "sent nothing"),
    };

    private static readonly Dictionary<string, Case> AtOpening = new(Both)
    {
        ["length not told"] =
            new(Fault.ContentRange("bytes 0-65535/*"), Refused, Final, "does not tell its length"),
        ["less than there is"] =
            new(Fault.ContentRange("bytes 0-4095/300000"), Refused, Final, "0 to 4095 for 0 to"),
        ["longer than any file"] =
            new(Fault.ContentRange($"bytes 0-65535/{long.MaxValue}"), Refused, Final, "2^62"),
        ["416"] = new(Fault.Status(416), Refused, Final, "416"),
        ["412"] = new(Fault.Status(412), Refused, Final, "412"),
    };

    private static readonly Dictionary<string, Case> AtReading = new(Both)
    {
        ["412"] = new(Fault.Status(412), Corrupt, Final, Changed + ": its server says so (412)"),
        ["416, short"] =
            new(Fault.Status(416, "Content-Range: bytes */9"), Corrupt, Again, "its length is 9"),
        ["other length"] =
            new(Fault.ContentRange("bytes 131072-196607/300001"),
                Corrupt, Again, "300001 bytes instead of 300000"),
        ["body cut"] = new(Fault.CutAfter(700), Unavailable, Again, "after 700 bytes"),
        ["body stalls"] = new(Fault.StallAfter(700), Unavailable, Again, "700 bytes and then"),
    };

    public static TheoryData<string> Openings => [.. AtOpening.Keys];

    public static TheoryData<string> Readings => [.. AtReading.Keys];

    [Theory]
    [MemberData(nameof(Openings))]
    public async Task An_opening_that_fails_says_why(string name)
    {
        await using var file = new ServedFile(Length);
        file.Server.Always("*", AtOpening[name].Fault);
        BlockIOException failure =
            await file.FailAsync(() => file.OpenAsync(ServedFile.Impatient));
        AtOpening[name].Check(failure);
    }

    [Theory]
    [MemberData(nameof(Readings))]
    public async Task A_read_that_fails_says_why_and_the_next_one_is_served(string name)
    {
        await using var file = new ServedFile(Length);
        await using HttpRangeDevice device = await file.OpenAsync(ServedFile.Impatient);
        file.Server.Always("*", AtReading[name].Fault);
        BlockIOException failure =
            await file.FailAsync(() => file.CheckAsync(device, 140_000, 10));
        AtReading[name].Check(failure);

        file.Server.Always("*", Fault.None);
        await file.CheckAsync(device, 140_000, 10);
    }

    [Theory]
    [InlineData("ETag: \"v2\"", "its ETag was \"v1\", and is \"v2\"")]
    [InlineData("ETag: W/\"v1\"", "its ETag was \"v1\", and is W/\"v1\"")]
    [InlineData("X-Nothing: 1", "its ETag was \"v1\", and is not told any more")]
    public async Task A_file_that_changes_under_a_reader_is_never_a_mixture(
        string field, string fact)
    {
        await using var file = new ServedFile(Length);
        await using HttpRangeDevice device = await file.OpenAsync();
        await file.CheckAsync(device, 70_000, 100);
        byte[] old = file.Content;
        file.Replace(Length, 2);
        file.Server.Fields = [field];
        file.Server.Forget();
        BlockIOException failure = await file.FailAsync(
            () => device.ReadAsync(60_000, new byte[100_000], default).AsTask());
        Assert.Equal((Corrupt, false), (failure.Reason, failure.CanRetry));
        Assert.Contains($"{Changed}: {fact}", failure.Message, StringComparison.Ordinal);

        // Once more past the caches on the way, and no more often.
        Assert.Equal(
            [false, true],
            file.Server.Requests.Select(request => request.Headers.ContainsKey("Cache-Control")));

        // What is local is of the old version.
        byte[] kept = new byte[100];
        await device.ReadAsync(70_000, kept, TestContext.Current.CancellationToken);
        Assert.Equal(old[70_000..70_100], kept);
    }

    [Fact]
    public async Task A_cache_on_the_way_that_has_another_version_is_passed_by()
    {
        await using var file = new ServedFile(Length);
        await using HttpRangeDevice device = await file.OpenAsync();
        file.Server.Next("*", Fault.Status(412));
        await file.CheckAsync(device, 140_000, 10);
    }

    [Fact]
    public async Task A_date_binds_where_there_is_no_strong_tag()
    {
        await using var file = new ServedFile(Length);
        const string First = "Last-Modified: Wed, 21 Oct 2015 07:28:00 GMT";
        file.Server.Fields = [First, "ETag: W/\"a\""];
        await using HttpRangeDevice device = await file.OpenAsync();
        await file.CheckAsync(device, 70_000, 100);
        ServedRequest request = file.Server.Requests[^1];
        Assert.Equal(
            "Wed, 21 Oct 2015 07:28:00 GMT", request.Headers["If-Unmodified-Since"]);
        Assert.False(request.Headers.ContainsKey("If-Match"));

        file.Server.Fields = ["Last-Modified: Wed, 21 Oct 2015 07:28:01 GMT", "ETag: W/\"a\""];
        BlockIOException failure = await file.FailAsync(() => file.CheckAsync(device, 140_000, 10));
        Assert.Contains("its Last-Modified was", failure.Message, StringComparison.Ordinal);

        file.Server.Fields = [First, "ETag: W/\"b\""];
        failure = await file.FailAsync(() => file.CheckAsync(device, 140_000, 10));
        Assert.Contains("its ETag was W/\"a\"", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("X-Nothing: 1")]
    [InlineData("ETag: W/\"weak\"")]
    [InlineData("ETag: unquoted")]
    [InlineData("Last-Modified: yesterday")]
    public async Task A_file_without_a_version_is_refused_unless_the_options_allow_it(string field)
    {
        using var cache = new TempFolder();
        await using var file = new ServedFile(Length);
        file.Server.Fields = [field];
        BlockIOException failure = await file.FailAsync(() => file.OpenAsync());
        Assert.Equal((Refused, false), (failure.Reason, failure.CanRetry));
        Assert.Contains("the option AllowUnbound", failure.Message, StringComparison.Ordinal);

        var log = new RecordingLogger<HttpRangeDevice>();
        using var loggers = LoggerFactory.Create(
            builder => builder.AddProvider(log));
        await using HttpRangeDevice device = await file.OpenAsync(options => options with
        {
            AllowUnbound = true,
            CacheDirectory = cache.Root,
            LoggerFactory = loggers,
        });
        await file.CheckAsync(device, 0, Length);
        Assert.Single(
            log.Messages,
            line => line.Contains("a change would go unseen", StringComparison.Ordinal));
        Assert.Empty(Directory.GetFileSystemEntries(cache.Root));

        file.Replace(Length + 1, 2);
        await using HttpRangeDevice shorter = await file.OpenAsync(
            options => options with { AllowUnbound = true });
        file.Replace(Length, 3);
        failure = await file.FailAsync(() => file.CheckAsync(shorter, 140_000, 10));
        Assert.Equal(Corrupt, failure.Reason);
    }

    [Fact]
    public async Task A_server_without_ranges_serves_what_is_small_and_is_refused_for_the_rest()
    {
        await using var file = new ServedFile(Length);
        file.Server.Always("*", Fault.NoRanges);
        await using (HttpRangeDevice device = await file.OpenAsync())
        {
            await file.CheckAsync(device, 0, Length);
        }

        file.Replace(17 << 20, 1);
        BlockIOException failure = await file.FailAsync(() => file.OpenAsync());
        Assert.Equal((Refused, false), (failure.Reason, failure.CanRetry));
        Assert.Contains("has no ranges", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_comes_back_is_waited_for()
    {
        await using var file = new ServedFile(Length);
        file.Server.Next("*", Fault.Status(503), Fault.Status(500), Fault.CutAfter(10));
        await using HttpRangeDevice device = await file.OpenAsync();
        file.Server.Next("*", Fault.Status(429, "Retry-After: 1"), Fault.CutAfter(70_000));
        await file.CheckAsync(device, 0, Length);
        Assert.Equal(5, device.Statistics.Failures);
        Assert.Equal(file.Server.Requests.Count, device.Statistics.Requests);
    }

    private static Fault Fields(params string[] fields) => new("fields", async x =>
    {
        await x.SendHeadLikeGoodAsync([$"Content-Length: {x.Wanted.Length}", .. fields]);
        await x.SendAsync(x.Wanted);
    });

    /// <summary>An answer, and what becomes of it.</summary>
    private sealed record Case(Fault Fault, FailureReason Reason, bool CanRetry, string Fact)
    {
        public void Check(BlockIOException failure)
        {
            Assert.True(
                failure.Message.Contains(Fact, StringComparison.Ordinal), failure.Message);
            Assert.Equal((Reason, CanRetry), (failure.Reason, failure.CanRetry));
        }
    }
}
