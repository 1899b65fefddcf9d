using System.Buffers;
using VMSeed.Nbd.Negotiation;
using VMSeed.Nbd.Protocol;

namespace VMSeed.Nbd.Replying;

/// <summary>The replies without data of one connection, in the form that it has agreed on: at once
/// from its own thread, or later from any.</summary>
internal sealed class Replies(Agreement agreement, ReplyBatch batch, ReplySender sender)
{
    /// <summary>Answers at once, from the connection's own thread.</summary>
    public void Status(in RequestHeader request, ErrorCode error)
    {
        int count = SizeOf(request, error);
        Write(batch.Reserve(count).Span, request, error);
        batch.Commit(count);
    }

    /// <summary>Answers later, from any thread, with the last reply to a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="error">How it ended.</param>
    /// <param name="cost">What it holds of the budget.</param>
    public void PostStatus(in RequestHeader request, ErrorCode error, long cost)
    {
        int count = SizeOf(request, error);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(count);
        Write(buffer, request, error);
        sender.Post(new Outgoing(buffer, 0, count, cost));
    }

    private static bool HasPayload(in RequestHeader request) =>
        request.Type is CommandType.Read or CommandType.BlockStatus;

    private int SizeOf(in RequestHeader request, ErrorCode error)
    {
        if (!agreement.Structured) { return Reply.SimpleSize; }

        return error != ErrorCode.None ? Reply.ErrorSize + Failures.TextOf(error).Length
            : HasPayload(request) ? Reply.ChunkSize : Reply.SimpleSize;
    }

    private void Write(Span<byte> room, in RequestHeader request, ErrorCode error)
    {
        if (agreement.Structured && error != ErrorCode.None)
        {
            Reply.Error(room, request.Cookie, error, Failures.TextOf(error));
        }
        else if (agreement.Structured && HasPayload(request))
        {
            Reply.Chunk(room, request.Cookie, ChunkType.None, done: true, 0);
        }
        else
        {
            Reply.Simple(room, request.Cookie, error);
        }
    }
}
