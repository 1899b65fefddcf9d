using System.Buffers;
using VMSeed.Nbd.Protocol;
using VMSeed.Nbd.Replying;

namespace VMSeed.Nbd.Commands;

/// <summary>What is left of a large read whose map or data is not at hand: all its pieces are asked
/// for at once, and each goes out when it has come.</summary>
internal sealed class SlowRead(
    RequestHeader request, KnownData data, ReplySender sender, Work work)
{
    /// <summary>How much of what is not local is asked for in one piece: a lazy disk turns
    /// neighbouring blocks into one request, and its requests are of this size.</summary>
    private const int AbsentPiece = 1024 * 1024;

    private readonly List<Task> _pieces = [];
    private ErrorCode _error;

    /// <summary>Reads to the request's end, and answers it.</summary>
    /// <param name="at">Where to go on, in bytes.</param>
    /// <param name="first">A read that is under way at that place.</param>
    /// <param name="piece">Where it reads to; empty when there is none.</param>
    public async Task RunAsync(long at, ValueTask first, Outgoing piece)
    {
        if (piece.Count > 0)
        {
            _pieces.Add(PieceAsync(at, first, piece));
            at += piece.Count - Reply.DataSize;
        }

        try
        {
            while (at < request.End) { at += await StepAsync(at).ConfigureAwait(false); }
        }
        catch (Exception failure)
        {
            _error = work.Explain(failure);
        }

        await Task.WhenAll(_pieces).ConfigureAwait(false);
        work.Replies.PostStatus(request, _error, request.Length);
    }

    private async ValueTask<long> StepAsync(long at)
    {
        NbdExtent extent = await MapAsync(at).ConfigureAwait(false);
        long length = Math.Min(extent.Length, request.End - at);
        if (extent.Kind == NbdExtentKind.Zero)
        {
            byte[] hole = ArrayPool<byte>.Shared.Rent(Reply.HoleSize);
            Reply.Hole(hole, request.Cookie, done: false, at, length);
            sender.Post(new Outgoing(hole, 0, Reply.HoleSize, Cost: -1));
            return length;
        }

        int most = extent.Kind == NbdExtentKind.Absent ? AbsentPiece : ReplyBatch.PieceLength;
        int count = (int)Math.Min(length, most);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Reply.DataSize + count);
        ValueTask read = Work.Start(
            (work, at, Buffer: buffer.AsMemory(Reply.DataSize, count)),
            static call => call.work.Export.ReadAsync(call.at, call.Buffer, call.work.Gone));
        _pieces.Add(PieceAsync(at, read, new Outgoing(buffer, 0, Reply.DataSize + count, -1)));
        return count;
    }

    private async ValueTask<NbdExtent> MapAsync(long at)
    {
        if (data.TryFind(at, out long known)) { return new(known, NbdExtentKind.Data); }

        long most = Math.Min(work.Export.Length - at, request.End - at + KnownData.Ahead);
        NbdExtent extent = await work.Export.MapAsync(at, most, work.Gone).ConfigureAwait(false);
        if (extent.Length <= 0)
        {
            throw new InvalidOperationException(
                $"The map of '{work.Export.Name}' says {extent.Length} bytes at {at}.");
        }

        data.Keep(at, extent);
        return extent;
    }

    private async Task PieceAsync(long at, ValueTask read, Outgoing piece)
    {
        try
        {
            await read.ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            _error = work.Explain(failure);
            piece.Release();
            return;
        }

        Reply.Data(
            piece.Buffer.AsSpan(piece.Start),
            request.Cookie,
            done: false,
            at,
            piece.Count - Reply.DataSize);
        sender.Post(piece);
    }
}
