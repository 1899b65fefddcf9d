using System.Text;

namespace VMSeed.Testing.Servers.Proxies;

/// <summary>Reads heads of HTTP/1.1 off a connection, and not a byte more of what follows
/// them.</summary>
/// <param name="stream">The connection.</param>
internal sealed class HttpWire(Stream stream)
{
    /// <summary>A head beyond this is a fault of the tests.</summary>
    private const int LongestHead = 16 * 1024;

    private readonly byte[] _buffer = new byte[LongestHead];
    private int _start;
    private int _end;

    /// <summary>Reads a head.</summary>
    /// <returns>With its empty line; null where the connection ends.</returns>
    public async Task<string?> ReadHeadAsync(CancellationToken cancellationToken)
    {
        _buffer.AsSpan(_start.._end).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        while (true)
        {
            int length = _buffer.AsSpan(0, _end).IndexOf("\r\n\r\n"u8) + 4;
            if (length >= 4)
            {
                _start = length;
                return Encoding.Latin1.GetString(_buffer, 0, length);
            }

            int count = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            if (count == 0)
            {
                return null;
            }

            _end += count;
        }
    }

    /// <summary>Reads what follows a head.</summary>
    /// <returns>How many bytes came; 0 at the connection's end.</returns>
    public async ValueTask<int> ReadAsync(
        Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_start == _end)
        {
            return await stream.ReadAsync(buffer, cancellationToken);
        }

        int count = Math.Min(buffer.Length, _end - _start);
        _buffer.AsMemory(_start, count).CopyTo(buffer);
        _start += count;
        return count;
    }

    /// <summary>Sends bytes.</summary>
    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        stream.WriteAsync(bytes, cancellationToken);

    /// <summary>Sends text of a head.</summary>
    public ValueTask SendAsync(string head, CancellationToken cancellationToken) =>
        SendAsync(Encoding.Latin1.GetBytes(head), cancellationToken);
}
