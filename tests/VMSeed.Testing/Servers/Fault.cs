using System.IO.Compression;
using System.Text;

namespace VMSeed.Testing.Servers;

/// <summary>One way to answer a request. Those here are the usual ones; a test may make its
/// own.</summary>
/// <param name="Name">What a failed test prints.</param>
/// <param name="AnswerAsync">Answers on the raw wire.</param>
public sealed record Fault(string Name, Func<FaultExchange, Task> AnswerAsync)
{
    /// <summary>No fault.</summary>
    public static Fault None { get; } = new(nameof(None), x => x.SendGoodAsync());

    /// <summary>Reads the request and never answers.</summary>
    public static Fault StallBeforeHead { get; } =
        new(nameof(StallBeforeHead), x => x.StallAsync());

    /// <summary>The whole file with 200, whatever was asked.</summary>
    public static Fault NoRanges { get; } = new(nameof(NoRanges), async x =>
    {
        await x.SendHeadAsync("200 OK", $"Content-Length: {x.File!.Length}");
        await x.SendAsync(x.File);
    });

    /// <summary>The whole file with 200, in chunks, of unknown length.</summary>
    public static Fault NoRangesChunked { get; } = new(nameof(NoRangesChunked), async x =>
    {
        await x.SendHeadAsync("200 OK", "Transfer-Encoding: chunked");
        await SendChunkAsync(x, x.File);
        await SendChunkAsync(x, default);
    });

    /// <summary>The right range, in chunks; with more bytes after it, or for ever.</summary>
    public static Fault Chunked(int extra = 0, bool endless = false) => new("Chunked", async x =>
    {
        await x.SendHeadAsync("206 Partial Content", "Transfer-Encoding: chunked", x.GoodRange);
        await SendChunkAsync(x, x.Wanted);
        byte[] more = new byte[endless ? 64 * 1024 : extra];
        while (endless || more.Length > 0)
        {
            await SendChunkAsync(x, more);
            more = endless ? more : [];
        }

        await SendChunkAsync(x, default);
    });

    /// <summary>An error's status, with a Retry-After field or another.</summary>
    public static Fault Status(int code, params string[] fields) => new($"{code}", x =>
        x.SendHeadAsync($"{code} Whatever", ["Content-Length: 0", .. fields]));

    /// <summary>The right bytes under another Content-Range field, or under none.</summary>
    public static Fault ContentRange(string? value) => new($"ContentRange {value}", async x =>
    {
        string[] range = value is null ? [] : [$"Content-Range: {value}"];
        await x.SendHeadAsync(
            "206 Partial Content", [$"Content-Length: {x.Wanted.Length}", .. range]);
        await x.SendAsync(x.Wanted);
    });

    /// <summary>A good head under which the connection ends after so many bytes.</summary>
    public static Fault CutAfter(int bytes) => Partial(nameof(CutAfter), bytes, x =>
    {
        x.Close = true;
        return Task.CompletedTask;
    });

    /// <summary>A good head under which the connection is reset after so many bytes.</summary>
    public static Fault ResetAfter(int bytes) => Partial(nameof(ResetAfter), bytes, x =>
    {
        x.Reset();
        return Task.CompletedTask;
    });

    /// <summary>The first bytes alone, under a length that is right for them.</summary>
    public static Fault Truncated(int bytes) => new($"{nameof(Truncated)} {bytes}", async x =>
    {
        ReadOnlyMemory<byte> part = x.Wanted[..Math.Min(bytes, x.Wanted.Length)];
        await x.SendHeadLikeGoodAsync($"Content-Length: {part.Length}");
        await x.SendAsync(part);
    });

    /// <summary>A good head under which nothing more comes after so many bytes.</summary>
    public static Fault StallAfter(int bytes) =>
        Partial(nameof(StallAfter), bytes, x => x.StallAsync());

    /// <summary>A good answer, so many bytes at a time with a pause between.</summary>
    public static Fault Drip(int bytes, TimeSpan pause) => new(nameof(Drip), async x =>
    {
        await x.SendGoodHeadAsync();
        for (int at = 0; at < x.Wanted.Length; at += bytes)
        {
            await x.SendAsync(x.Wanted.Slice(at, Math.Min(bytes, x.Wanted.Length - at)));
            await Task.Delay(pause, TimeProvider.System, x.Stop);
        }
    });

    /// <summary>A good answer, late.</summary>
    public static Fault Delay(TimeSpan time) => new(nameof(Delay), async x =>
    {
        await Task.Delay(time, TimeProvider.System, x.Stop);
        await x.SendGoodAsync();
    });

    /// <summary>A good answer, when the test lets it go.</summary>
    public static Fault HoldUntil(Task release) => new(nameof(HoldUntil), async x =>
    {
        await release.WaitAsync(x.Stop);
        await x.SendGoodAsync();
    });

    /// <summary>A good answer with one bit of the file flipped, where the range holds it.</summary>
    public static Fault FlipBit(long offset, int bit = 0) => new(nameof(FlipBit), async x =>
    {
        byte[] body = x.Wanted.ToArray();
        long at = offset - Math.Max(x.Request.From, 0);
        if (at >= 0 && at < body.Length)
        {
            body[at] ^= (byte)(1 << bit);
        }

        await x.SendGoodHeadAsync();
        await x.SendAsync(body);
    });

    /// <summary>Such bytes in place of the file's, under a good head; null sends zeros.</summary>
    public static Fault Replace(byte[]? bytes = null) => new(nameof(Replace), async x =>
    {
        byte[] body = bytes ?? new byte[x.Wanted.Length];
        await x.SendHeadLikeGoodAsync($"Content-Length: {body.Length}");
        await x.SendAsync(body);
    });

    /// <summary>The right bytes under gzip.</summary>
    public static Fault Gzip { get; } = new(nameof(Gzip), async x =>
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(x.Wanted.Span);
        }

        await x.SendHeadLikeGoodAsync(
            $"Content-Length: {packed.Length}", "Content-Encoding: gzip");
        await x.SendAsync(packed.ToArray());
    });

    /// <summary>A log-in page, with 200.</summary>
    public static Fault Portal { get; } = new(nameof(Portal), async x =>
    {
        byte[] page = "<html><body>Welcome to the hotel.</body></html>"u8.ToArray();
        await x.SendHeadAsync(
            "200 OK", $"Content-Length: {page.Length}", "Content-Type: text/html; charset=utf-8");
        await x.SendAsync(page);
    });

    /// <summary>One way for so many requests, to whichever server they come; then good
    /// answers.</summary>
    public static Fault Times(int count, Fault fault)
    {
        int left = count;
        return new Fault($"{count} × {fault}", x =>
            Interlocked.Decrement(ref left) >= 0 ? fault.AnswerAsync(x) : x.SendGoodAsync());
    }

    /// <summary>A redirect.</summary>
    public static Fault Redirect(string location, int code = 302) =>
        Status(code, $"Location: {location}");

    /// <summary>Bytes on the wire as they are, and the connection's end.</summary>
    public static Fault Raw(byte[] bytes) => new(nameof(Raw), async x =>
    {
        x.Close = true;
        await x.SendAsync(bytes);
    });

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static Fault Partial(string name, int bytes, Func<FaultExchange, Task> end) =>
        new($"{name} {bytes}", async x =>
        {
            await x.SendGoodHeadAsync();
            await x.SendAsync(x.Wanted[..Math.Min(bytes, x.Wanted.Length)]);
            await end(x);
        });

    private static async Task SendChunkAsync(FaultExchange x, ReadOnlyMemory<byte> bytes)
    {
        await x.SendAsync(Encoding.ASCII.GetBytes($"{bytes.Length:x}\r\n"));
        await x.SendAsync(bytes);
        await x.SendAsync("\r\n"u8.ToArray());
    }
}
