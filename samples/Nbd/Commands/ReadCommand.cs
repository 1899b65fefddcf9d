using System.Buffers;
using VMSeed.Nbd.Negotiation;
using VMSeed.Nbd.Protocol;
using VMSeed.Nbd.Replying;

namespace VMSeed.Nbd.Commands;

/// <summary>Reads: small ones in one piece, large ones cut up where the reply's form allows it,
/// with the map's holes as holes.</summary>
internal sealed class ReadCommand(
    Agreement agreement, ReplyBatch batch, ReplySender sender, Work work)
{
    /// <summary>Reads up to this length are not looked up in the map: to send a hole in place of so
    /// few bytes saves less than the look-up costs.</summary>
    private const int Small = 32 * 1024;

    private readonly KnownData _data = new();

    public void Run(in RequestHeader request)
    {
        if (request.Length == 0)
        {
            work.Replies.Status(request, ErrorCode.None);
        }
        else if (request.Length <= Small || !agreement.Structured
            || request.Has(CommandFlags.DontFragment))
        {
            ReadWhole(request);
        }
        else
        {
            ReadInPieces(request);
        }
    }

    private int HeaderLength => agreement.Structured ? Reply.DataSize : Reply.SimpleSize;

    private void ReadWhole(in RequestHeader request)
    {
        if (request.Length > ReplyBatch.PieceLength)
        {
            work.Enter(request.Length);
            _ = ReadApartAsync(request);
            return;
        }

        int length = (int)request.Length;
        int header = HeaderLength;
        Memory<byte> room = batch.Reserve(header + length);
        ValueTask read = ReadAsync((long)request.Offset, room[header..]);
        if (!read.IsCompletedSuccessfully)
        {
            (byte[] buffer, int start) = batch.Detach();
            work.Enter(length);
            _ = AnswerAsync(request, read, buffer, start);
            return;
        }

        read.GetAwaiter().GetResult();
        WriteHeader(room.Span, request);
        batch.Commit(header + length);
    }

    private ValueTask ReadAsync(long offset, Memory<byte> buffer)
    {
        try
        {
            return work.Export.ReadAsync(offset, buffer, work.Gone);
        }
        catch (Exception failure)
        {
            return ValueTask.FromException(failure);
        }
    }

    private void WriteHeader(Span<byte> room, in RequestHeader request)
    {
        if (agreement.Structured)
        {
            Reply.Data(
                room, request.Cookie, done: true, (long)request.Offset, (int)request.Length);
        }
        else
        {
            Reply.Simple(room, request.Cookie, ErrorCode.None);
        }
    }

    private Task ReadApartAsync(RequestHeader request)
    {
        int header = HeaderLength;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(header + (int)request.Length);
        ValueTask read = ReadAsync(
            (long)request.Offset, buffer.AsMemory(header, (int)request.Length));
        return AnswerAsync(request, read, buffer, 0);
    }

    private async Task AnswerAsync(RequestHeader request, ValueTask read, byte[] buffer, int start)
    {
        ErrorCode error = await EndOfAsync(read).ConfigureAwait(false);
        if (error != ErrorCode.None)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            work.Replies.PostStatus(request, error, request.Length);
            return;
        }

        WriteHeader(buffer.AsSpan(start), request);
        sender.Post(new Outgoing(
            buffer, start, HeaderLength + (int)request.Length, request.Length));
    }

    private async ValueTask<ErrorCode> EndOfAsync(ValueTask read)
    {
        try
        {
            await read.ConfigureAwait(false);
            return ErrorCode.None;
        }
        catch (Exception failure)
        {
            return work.Explain(failure);
        }
    }

    private void ReadInPieces(in RequestHeader request)
    {
        long at = (long)request.Offset;
        while (at < request.End)
        {
            if (!_data.TryFind(at, out long known))
            {
                GoOn(request, at);
                return;
            }

            int count = (int)Math.Min(Math.Min(known, request.End - at), ReplyBatch.PieceLength);
            Memory<byte> room = batch.Reserve(Reply.DataSize + count);
            ValueTask read = ReadAsync(at, room[Reply.DataSize..]);
            if (!read.IsCompletedSuccessfully)
            {
                (byte[] buffer, int start) = batch.Detach();
                GoOn(request, at, read, new Outgoing(buffer, start, Reply.DataSize + count, -1));
                return;
            }

            read.GetAwaiter().GetResult();
            Reply.Data(room.Span, request.Cookie, at + count == request.End, at, count);
            batch.Commit(Reply.DataSize + count);
            at += count;
        }
    }

    private void GoOn(
        in RequestHeader request, long at, ValueTask first = default, Outgoing piece = default)
    {
        // The last chunk of the reply comes from another thread, and must not overtake the first
        // ones.
        batch.Flush();
        work.Enter(request.Length);
        SlowRead rest = new(request, _data, sender, work);
        _ = rest.RunAsync(at, first, piece);
    }
}
