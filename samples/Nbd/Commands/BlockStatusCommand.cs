using System.Buffers;
using System.Buffers.Binary;
using VMSeed.Nbd.Negotiation;
using VMSeed.Nbd.Protocol;
using VMSeed.Nbd.Replying;

namespace VMSeed.Nbd.Commands;

/// <summary>Block status: one walk over the export's map, told in each of the client's
/// contexts.</summary>
internal sealed class BlockStatusCommand(Agreement agreement, ReplySender sender, Work work)
{
    /// <summary>How many extents a reply tells at the most: the map of a 4 GiB request in blocks of
    /// 64 KiB. The protocol wants no more than 2^20; a client asks on from where we end.</summary>
    private const int MaxExtents = 64 * 1024;

    private const int ExtentSize = 8;

    public void Run(in RequestHeader request)
    {
        work.Enter(0);
        _ = AnswerAsync(request);
    }

    private async Task AnswerAsync(RequestHeader request)
    {
        ErrorCode error = ErrorCode.None;
        try
        {
            List<StatusExtents> found = await WalkAsync(request).ConfigureAwait(false);
            foreach (StatusExtents extents in found) { Post(request, extents); }
        }
        catch (Exception failure)
        {
            error = work.Explain(failure);
        }

        work.Replies.PostStatus(request, error, cost: 0);
    }

    private async Task<List<StatusExtents>> WalkAsync(RequestHeader request)
    {
        int most = request.Has(CommandFlags.RequestOne) ? 1 : MaxExtents;
        List<StatusExtents> found =
            [.. agreement.Contexts.Select(context => new StatusExtents(context, most))];
        long at = (long)request.Offset;
        while (at < request.End && found.Any(extents => !extents.IsFull))
        {
            NbdExtent extent = await work.Export.MapAsync(at, request.End - at, work.Gone)
                .ConfigureAwait(false);
            if (extent.Length <= 0 || extent.Length > request.End - at)
            {
                throw new InvalidOperationException(
                    $"The map of '{work.Export.Name}' says {extent.Length} bytes at {at}.");
            }

            foreach (StatusExtents extents in found) { extents.Add(extent); }

            at += extent.Length;
        }

        return found;
    }

    private void Post(in RequestHeader request, StatusExtents extents)
    {
        int payload = sizeof(uint) + (extents.Runs.Count * ExtentSize);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Reply.ChunkSize + payload);
        Reply.Chunk(buffer, request.Cookie, ChunkType.BlockStatus, done: false, payload);
        Span<byte> room = buffer.AsSpan(Reply.ChunkSize);
        BinaryPrimitives.WriteUInt32BigEndian(room, extents.Context.Id);
        room = room[sizeof(uint)..];
        foreach ((uint length, uint flags) in extents.Runs)
        {
            BinaryPrimitives.WriteUInt32BigEndian(room, length);
            BinaryPrimitives.WriteUInt32BigEndian(room[sizeof(uint)..], flags);
            room = room[ExtentSize..];
        }

        sender.Post(new Outgoing(buffer, 0, Reply.ChunkSize + payload, Cost: -1));
    }
}
