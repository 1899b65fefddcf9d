using System.Net.Sockets;
using System.Text;

namespace VMSeed.Testing.Servers;

/// <summary>One request in the hands of a <see cref="Fault"/>: what was asked, and the raw wire to
/// answer on.</summary>
public sealed class FaultExchange
{
    private readonly Stream _wire;
    private readonly Socket _socket;
    private readonly Action<int> _count;

    internal FaultExchange(
        ServedRequest request,
        byte[]? file,
        Stream wire,
        Socket socket,
        Action<int> count,
        CancellationToken stop)
    {
        Request = request;
        File = file;
        _wire = wire;
        _socket = socket;
        _count = count;
        Stop = stop;
    }

    /// <summary>What was asked.</summary>
    public ServedRequest Request { get; }

    /// <summary>The whole file, null where there is none.</summary>
    public byte[]? File { get; }

    /// <summary>The server's fields of every answer that brings bytes.</summary>
    public IReadOnlyList<string> Fields { get; init; } = [];

    /// <summary>Cancelled when the server is disposed of.</summary>
    public CancellationToken Stop { get; }

    /// <summary>Set by a fault after which the connection cannot carry another request.</summary>
    public bool Close { get; set; }

    /// <summary>The bytes that a good server would send: the range, clipped, or the
    /// whole.</summary>
    public ReadOnlyMemory<byte> Wanted
    {
        get
        {
            long from = Math.Max(Request.From, 0);
            long to = Request.IsRanged ? Math.Min(Request.To, File!.Length - 1) : File!.Length - 1;
            return File.AsMemory((int)from, (int)(to - from + 1));
        }
    }

    /// <summary>The Content-Range field of a good answer.</summary>
    public string GoodRange => $"Content-Range: bytes {Request.From}-"
        + $"{Request.From + Wanted.Length - 1}/{File!.Length}";

    /// <summary>Sends a head: the status line and fields, without their line ends.</summary>
    public Task SendHeadAsync(string status, params string[] fields)
    {
        IEnumerable<string> all =
            status.StartsWith("20", StringComparison.Ordinal) ? fields.Concat(Fields) : fields;
        string head = $"HTTP/1.1 {status}\r\n{string.Concat(all.Select(f => f + "\r\n"))}\r\n";
        return SendAsync(Encoding.Latin1.GetBytes(head));
    }

    /// <summary>Sends bytes as they are.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        // Before they go: a test that has read them looks at the count.
        _count(bytes.Length);
        await _wire.WriteAsync(bytes, Stop);
        await _wire.FlushAsync(Stop);
    }

    /// <summary>Answers as a good server does.</summary>
    public async Task SendGoodAsync()
    {
        await SendGoodHeadAsync();
        if (File is not null && Request.From < File.Length)
        {
            await SendAsync(Wanted);
        }
    }

    /// <summary>Sends the head of a good answer: 206, 200, 416 or 404.</summary>
    public Task SendGoodHeadAsync()
    {
        if (File is null)
        {
            return SendHeadAsync("404 Not Found", "Content-Length: 0");
        }

        if (Request.From >= File.Length)
        {
            return SendHeadAsync(
                "416 Range Not Satisfiable",
                "Content-Length: 0",
                $"Content-Range: bytes */{File.Length}");
        }

        return SendHeadLikeGoodAsync($"Content-Length: {Wanted.Length}");
    }

    /// <summary>Sends the status, and range, of a good answer with such fields.</summary>
    public Task SendHeadLikeGoodAsync(params string[] fields) => Request.IsRanged
        ? SendHeadAsync("206 Partial Content", [GoodRange, .. fields])
        : SendHeadAsync("200 OK", fields);

    /// <summary>Waits until the server is disposed of, or the other side goes away.</summary>
    public async Task StallAsync()
    {
        Close = true;
        await _wire.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, Stop);
    }

    /// <summary>Cuts the connection with a reset (RST), not an orderly end.</summary>
    public void Reset()
    {
        Close = true;
        _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        _socket.Close();
    }
}
