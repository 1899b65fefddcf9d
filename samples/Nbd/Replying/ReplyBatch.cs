using System.Buffers;
using VMSeed.Nbd.Protocol;

namespace VMSeed.Nbd.Replying;

/// <summary>The replies of the connection's own thread, gathered until no request is left that has
/// been received, or the buffer is full; then one call sends them all.</summary>
/// <remarks>
/// Data is read straight into its place behind the reply's header. When a read does not complete at
/// once, the buffer goes with it, and the batch goes on in another one.
/// </remarks>
internal sealed class ReplyBatch
{
    /// <summary>How much data one reply has here. It is sent before the next part is read, so that
    /// the processor still has it near: with 1 MiB it would have to come from memory
    /// again.</summary>
    public const int PieceLength = 256 * 1024;

    /// <summary>The buffer of one piece with room for headers, of this reply and small ones before
    /// it.</summary>
    private const int Capacity = PieceLength + 4096;

    private readonly ReplySender _sender;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(Capacity);
    private int _count;

    public ReplyBatch(ReplySender sender) => _sender = sender;

    /// <summary>Makes room for a reply behind those that wait.</summary>
    /// <param name="count">Its length in bytes, at most a piece with its header.</param>
    public Memory<byte> Reserve(int count)
    {
        if (Capacity - _count < count) { Flush(); }

        return _buffer.AsMemory(_count, count);
    }

    /// <summary>What was reserved is a whole reply now.</summary>
    public void Commit(int count) => _count += count;

    /// <summary>Gives the buffer away, with what was reserved in it.</summary>
    /// <returns>The buffer, and where the reserved room begins.</returns>
    public (byte[] Buffer, int Start) Detach()
    {
        int start = _count;
        byte[] buffer = _buffer;
        _buffer = ArrayPool<byte>.Shared.Rent(Capacity);
        if (start > 0)
        {
            _sender.Send(buffer.AsSpan(0, start));
            _count = 0;
        }

        return (buffer, start);
    }

    public void Status(ulong cookie, ErrorCode error = ErrorCode.None)
    {
        Reply.Simple(Reserve(Reply.SimpleSize).Span, cookie, error);
        Commit(Reply.SimpleSize);
    }

    /// <summary>Sends what waits.</summary>
    public void Flush()
    {
        if (_count > 0)
        {
            _sender.Send(_buffer.AsSpan(0, _count));
            _count = 0;
        }
    }

    /// <summary>Gives the buffer back; nothing waits in it any more.</summary>
    public void Release() => ArrayPool<byte>.Shared.Return(_buffer);
}
