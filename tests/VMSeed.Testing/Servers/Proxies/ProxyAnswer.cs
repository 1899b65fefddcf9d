using System.Globalization;

namespace VMSeed.Testing.Servers.Proxies;

/// <summary>One answer on its way to the client: each byte at its time, with what the line does to
/// it.</summary>
/// <param name="proxy">The proxy.</param>
/// <param name="client">The client's connection.</param>
/// <param name="window">What the connection's sender may send.</param>
/// <param name="readyAt">When the server had it, in milliseconds of the proxy's clock.</param>
internal sealed class ProxyAnswer(
    FaultProxy proxy, HttpWire client, SendWindow window, double readyAt)
{
    private const int Chunk = 16 * 1024;
    private const int Drop = 200;
    private const double DropInterval = 100;

    private double _sentAt = readyAt;
    private bool _isFlipped;

    /// <summary>Sends an answer of the proxy's own.</summary>
    public async Task SendAsync(
        string status, string field, string body, CancellationToken stop)
    {
        await HoldAsync(_sentAt, stop);
        await client.SendAsync(
            $"HTTP/1.1 {status}\r\n{field}\r\nContent-Length: {body.Length}\r\n\r\n{body}", stop);
    }

    /// <summary>Forwards the server's answer.</summary>
    /// <param name="head">Its head.</param>
    /// <param name="server">Has its body.</param>
    /// <param name="hasBody">Whether there is one, by the request.</param>
    /// <param name="stop">The proxy's end.</param>
    /// <returns>False where the connection is to be reset in its middle.</returns>
    public async Task<bool> ForwardAsync(
        string head, HttpWire server, bool hasBody, CancellationToken stop)
    {
        long left = hasBody ? LengthOf(head) : 0;
        await HoldAsync(_sentAt, stop);
        await client.SendAsync(head, stop);
        byte[] buffer = new byte[Chunk];
        while (left > 0)
        {
            int wanted = window.Take(
                (int)Math.Min(left, Chunk), ref _sentAt, RoundTripOf(proxy.Condition));
            int count = await server.ReadAsync(buffer.AsMemory(0, wanted), stop);
            if (count == 0)
            {
                throw new IOException("The server ended in a body.");
            }

            left -= count;
            _sentAt = proxy.Line.Send(count, _sentAt, proxy.Condition.BytesPerSecond);
            if (!await PassAsync(buffer.AsMemory(0, count), stop))
            {
                return false;
            }
        }

        return true;
    }

    // What the line does to bytes is decided when they come out of it.
    private async Task<bool> PassAsync(Memory<byte> bytes, CancellationToken stop)
    {
        await HoldAsync(_sentAt, stop);
        switch (proxy.Fault)
        {
            case ProxyFault.Reset:
                await SendBodyAsync(bytes[..(bytes.Length / 2)], stop);
                return false;
            case ProxyFault.Drip:
                await DripAsync(bytes, stop);
                return true;
            case ProxyFault.FlippedBit when !_isFlipped:
                int bit = (int)proxy.Chance(bytes.Length * 8);
                bytes.Span[bit / 8] ^= (byte)(1 << (bit % 8));
                _isFlipped = true;
                break;
        }

        await SendBodyAsync(bytes, stop);
        return true;
    }

    private async Task DripAsync(ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        while (bytes.Length > 0 && proxy.Fault == ProxyFault.Drip)
        {
            int count = Math.Min(Drop, bytes.Length);
            await SendBodyAsync(bytes[..count], stop);
            bytes = bytes[count..];
            await proxy.WaitUntilAsync(proxy.Now + DropInterval, stop);
        }

        await SendBodyAsync(bytes, stop);
    }

    private ValueTask SendBodyAsync(ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        proxy.Count(bytes.Length);
        return client.SendAsync(bytes, stop);
    }

    // Until what was sent arrives, or longer where nothing does.
    private async Task HoldAsync(double sentAt, CancellationToken stop)
    {
        await proxy.WaitUntilAsync(sentAt + (RoundTripOf(proxy.Condition) / 2), stop);
        await proxy.WaitWhileAsync(
            fault => fault is ProxyFault.Silent or ProxyFault.Unanswered, stop);
    }

    private static double RoundTripOf(ProxyCondition condition) =>
        condition.RoundTrip.TotalMilliseconds;

    private static long LengthOf(string head)
    {
        const string field = "\r\nContent-Length:";
        int at = head.IndexOf(field, StringComparison.OrdinalIgnoreCase);
        if (at < 0)
        {
            bool isEmpty = head.StartsWith("HTTP/1.1 304", StringComparison.Ordinal);
            return isEmpty ? 0 : throw new InvalidDataException($"{head} has no Content-Length.");
        }

        int from = at + field.Length;
        int to = head.IndexOf("\r\n", from, StringComparison.Ordinal);
        return long.Parse(head.AsSpan(from, to - from).Trim(), CultureInfo.InvariantCulture);
    }
}
