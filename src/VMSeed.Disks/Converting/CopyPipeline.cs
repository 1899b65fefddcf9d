using System.Buffers;
using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Disks.Converting;

// A disk that is far away is read as fast as its line carries only if many reads are under way at
// once; one whose units are packed, or that lies in the page cache, only if several cores take
// part. So a few workers each take the next piece, read it, and write it. Where the target wants
// its pieces in order, each waits before it writes until the piece before its own is written: a
// growing image gets its blocks in the order of the disk, and reads go on meanwhile.
//
// Memory is a buffer a worker, whatever the size of the disk.

/// <summary>Copies pieces from a device into a sink, with many reads in flight.</summary>
internal sealed class CopyPipeline : IDisposable
{
    /// <summary>Bytes of a piece. Smaller ones cost calls and, from far away, requests; larger ones
    /// memory, and no longer fit into a processor's cache between their read and their
    /// write.</summary>
    public const int PieceSize = 1024 * 1024;

    /// <summary>Reads under way; 8 MiB cover a line of 1 Gbit/s and 60 ms.</summary>
    private const int Workers = 8;

    private readonly BlockDevice _source;
    private readonly long _shift;
    private readonly CopySink _sink;
    private readonly IAsyncEnumerator<CopyPiece> _pieces;
    private readonly CopyTicks _ticks;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private Task _last = Task.CompletedTask;

    private CopyPipeline(
        BlockDevice source,
        long shift,
        CopySink sink,
        IAsyncEnumerator<CopyPiece> pieces,
        CopyTicks ticks) =>
        (_source, _shift, _sink, _pieces, _ticks) = (source, shift, sink, pieces, ticks);

    /// <summary>Copies, completes the sink, and closes it in any case.</summary>
    /// <param name="source">What is read.</param>
    /// <param name="extents">What of it, in order.</param>
    /// <param name="shift">Where in the source the target's beginning lies.</param>
    /// <param name="sink">What is written.</param>
    /// <param name="ticks">Hears of every piece.</param>
    /// <param name="cancellationToken">Gives the copy up.</param>
    public static async ValueTask RunAsync(
        BlockDevice source,
        IAsyncEnumerable<Extent> extents,
        long shift,
        CopySink sink,
        CopyTicks ticks,
        CancellationToken cancellationToken)
    {
        await using (sink.ConfigureAwait(false))
        {
            await CopyAsync(source, extents, shift, sink, ticks, cancellationToken)
                .ConfigureAwait(false);
            await sink.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public void Dispose() => _gate.Dispose();

    private static async ValueTask CopyAsync(
        BlockDevice source,
        IAsyncEnumerable<Extent> extents,
        long shift,
        CopySink sink,
        CopyTicks ticks,
        CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        PieceCutter cutter = new(sink.Align, Math.Max(PieceSize, sink.Align));
        IAsyncEnumerator<CopyPiece> pieces = cutter.CutAsync(extents, shift, stop.Token)
            .GetAsyncEnumerator(stop.Token);
        await using (pieces.ConfigureAwait(false))
        {
            using CopyPipeline line = new(source, shift, sink, pieces, ticks);
            await line.RunAsync(stop).ConfigureAwait(false);
        }
    }

    // A worker that fails stops the others; what is in flight ends before its buffer goes.
    private async Task RunAsync(CancellationTokenSource stop)
    {
        Task[] workers = new Task[Workers];
        for (int i = 0; i < workers.Length; i++)
        {
            workers[i] = Task.Run(() => WorkAsync(stop), CancellationToken.None);
        }

        Task all = Task.WhenAll(workers);
        await all.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // The failure that stopped the others says more than their being stopped.
        Task? failed = Array.Find(workers, worker => worker.IsFaulted);
        await (failed ?? all).ConfigureAwait(false);
    }

    private async Task WorkAsync(CancellationTokenSource stop)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Math.Max(PieceSize, _sink.Align));
        try
        {
            while (await TakeAsync(stop.Token).ConfigureAwait(false) is { } turn)
            {
                await CopyPieceAsync(turn, buffer, stop.Token).ConfigureAwait(false);
            }
        }
        catch
        {
            await stop.CancelAsync().ConfigureAwait(false);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask<Turn?> TakeAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!await _pieces.MoveNextAsync().ConfigureAwait(false))
            {
                return null;
            }

            Turn turn = new(_pieces.Current, _last);
            _last = turn.Done.Task;
            return turn;
        }
        finally
        {
            _gate.Release();
        }
    }

    private async ValueTask CopyPieceAsync(
        Turn turn, byte[] buffer, CancellationToken cancellationToken)
    {
        CopyPiece piece = turn.Piece;
        Memory<byte> data = piece.IsZero ? default : buffer.AsMemory(0, (int)piece.Length);
        if (!piece.IsZero)
        {
            await _source.ReadAsync(_shift + piece.Offset, data, cancellationToken)
                .ConfigureAwait(false);
        }

        if (_sink.IsOrdered)
        {
            await turn.Before.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        if (piece.IsZero)
        {
            await _sink.ZeroAsync(piece.Offset, piece.Length, cancellationToken)
                .ConfigureAwait(false);
        }
        else
        {
            await _sink.WriteAsync(piece.Offset, data, cancellationToken).ConfigureAwait(false);
        }

        turn.Done.SetResult();
        _ticks.Add(piece.Length);
    }

    private sealed record Turn(CopyPiece Piece, Task Before)
    {
        public TaskCompletionSource Done { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
