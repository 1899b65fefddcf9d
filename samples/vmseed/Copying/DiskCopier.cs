using System.Runtime.CompilerServices;
using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Tool.Copying;

// A disk that is far away is read as fast as its line carries only if many reads are under way at
// once. Reads are
// started in order, up to Depth of them, and written in order as the oldest is done. Zeros that the
// map knows of
// are neither read nor, on a sparse target, written.

/// <summary>Copies a range of a device, with many reads in flight.</summary>
internal static class DiskCopier
{
    /// <summary>Bytes of a read. Smaller ones cost calls, larger ones memory: Depth of them are
    /// held.</summary>
    private const int Chunk = 1024 * 1024;

    /// <summary>Reads under way; 8 MiB cover a line of 1 Gbit/s and 60 ms.</summary>
    private const int Depth = 8;

    public static async Task CopyAsync(
        BlockDevice source,
        long offset,
        long length,
        CopyTarget target,
        IProgress<(long Done, long Total)> progress,
        CancellationToken cancellationToken)
    {
        Queue<(Piece Piece, Task<byte[]> Bytes)> reads = new();
        Stack<byte[]> buffers = new(Enumerable.Range(0, Depth).Select(_ => new byte[Chunk]));
        try
        {
            await foreach (Piece piece in PiecesAsync(source, offset, length, cancellationToken))
            {
                if (reads.Count == Depth)
                {
                    await WriteOldestAsync();
                }

                byte[] buffer = piece.IsZero ? [] : buffers.Pop();
                reads.Enqueue((piece, ReadAsync(source, piece, buffer, cancellationToken)));
            }

            while (reads.Count > 0)
            {
                await WriteOldestAsync();
            }
        }
        finally
        {
            // What is in flight still writes into its buffer, and must not outlive the device.
            await ((Task)Task.WhenAll(reads.Select(read => read.Bytes)))
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task WriteOldestAsync()
        {
            (Piece piece, Task<byte[]> bytes) = reads.Peek();
            byte[] buffer = await bytes;
            reads.Dequeue();
            long at = piece.Offset - offset;
            await (piece.IsZero
                ? target.ZeroAsync(at, piece.Length, cancellationToken)
                : target.WriteAsync(at, buffer.AsMemory(0, (int)piece.Length), cancellationToken));
            if (!piece.IsZero)
            {
                buffers.Push(buffer);
            }

            progress.Report((at + piece.Length, length));
        }
    }

    private static async Task<byte[]> ReadAsync(
        BlockDevice source, Piece piece, byte[] buffer, CancellationToken cancellationToken)
    {
        if (!piece.IsZero)
        {
            await source.ReadAsync(
                piece.Offset, buffer.AsMemory(0, (int)piece.Length), cancellationToken);
        }

        return buffer;
    }

    // Zeros shorter than a chunk are read with their neighbours: a copy of memory is cheaper than
    // another request.
    private static async IAsyncEnumerable<Piece> PiecesAsync(
        BlockDevice source,
        long offset,
        long length,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long end = offset + length;
        long start = offset;
        await foreach (Extent extent in source.ExtentsAsync(offset, length, cancellationToken))
        {
            if (extent.Kind == ExtentKind.Zero && extent.Length >= Chunk)
            {
                foreach (Piece piece in Cut(start, extent.Offset))
                {
                    yield return piece;
                }

                yield return new Piece(extent.Offset, extent.Length, IsZero: true);
                start = extent.End;
            }

            // Whole chunks go at once: on a large disk the map of the rest is a long walk.
            while (extent.End - start >= Chunk)
            {
                yield return new Piece(start, Chunk, IsZero: false);
                start += Chunk;
            }
        }

        foreach (Piece piece in Cut(start, end))
        {
            yield return piece;
        }
    }

    private static IEnumerable<Piece> Cut(long start, long end)
    {
        for (; start < end; start += Chunk)
        {
            yield return new Piece(start, Math.Min(Chunk, end - start), IsZero: false);
        }
    }

    private readonly record struct Piece(long Offset, long Length, bool IsZero);
}
