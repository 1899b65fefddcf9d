using System.Buffers;
using VMSeed.Nbd.Protocol;
using VMSeed.Nbd.Transport;

namespace VMSeed.Nbd.Commands;

/// <summary>Writes. One that is long is written piece by piece as it arrives, so that it occupies
/// no more memory than what the disk has not taken yet.</summary>
internal sealed class WriteCommand(ReceiveBuffer input, Work work)
{
    // Pieces end at multiples of this offset: whole clusters for every format, of which a part
    // would have to be read first.
    private const int PieceLength = 1024 * 1024;

    public void Run(in RequestHeader request)
    {
        long offset = (long)request.Offset;
        if (LengthOfPiece(offset, request.End) == request.Length)
        {
            work.Answer(request, WritePieceAsync(offset, (int)request.Length), request.Length);
            return;
        }

        work.Enter(request.Length);
        List<Task> pieces = [];
        try
        {
            while (offset < request.End)
            {
                int count = LengthOfPiece(offset, request.End);
                pieces.Add(WritePieceAsync(offset, count).AsTask());
                offset += count;
            }
        }
        catch
        {
            // The client left in the middle. What has come is written; there is nobody to tell.
            _ = work.ForgetAsync(Task.WhenAll(pieces), request.Length);
            throw;
        }

        _ = work.AnswerLaterAsync(
            request, new ValueTask(Task.WhenAll(pieces)), request.Length);
    }

    private static int LengthOfPiece(long offset, long end) =>
        (int)Math.Min(end - offset, PieceLength - (offset % PieceLength));

    private ValueTask WritePieceAsync(long offset, int count)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(count);
        try
        {
            input.Fill(buffer.AsSpan(0, count));
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }

        ValueTask write = Work.Start(
            (work.Export, offset, Data: buffer.AsMemory(0, count)),
            static call => call.Export.WriteAsync(call.offset, call.Data));
        if (write.IsCompletedSuccessfully)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            return write;
        }

        return ReturnAsync(write, buffer);
    }

    private static async ValueTask ReturnAsync(ValueTask write, byte[] buffer)
    {
        try
        {
            await write.ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
