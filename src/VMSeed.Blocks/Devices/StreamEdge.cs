using System.Buffers;

namespace VMSeed.Blocks.Devices;

/// <summary>What a stream has to do in pieces of its own, and where it has to wait.</summary>
internal static class StreamEdge
{
    /// <summary>The most that a copy or a synchronous write moves at once, in bytes.</summary>
    /// <remarks>
    /// Large enough that a remote device below sees a run of blocks and not single ones, and that a
    /// call's cost vanishes; small enough for the second-level cache between reading and writing.
    /// </remarks>
    internal const int PieceSize = 256 * 1024;

    /// <summary>Waits for a device on the calling thread.</summary>
    /// <param name="work">What is waited for.</param>
    internal static void Wait(ValueTask work)
    {
        if (work.IsCompleted)
        {
            work.GetAwaiter().GetResult();
        }
        else
        {
            work.AsTask().GetAwaiter().GetResult();
        }
    }

    /// <summary>Takes the result of a read that has completed.</summary>
    /// <param name="completed">The read.</param>
    /// <returns>How many bytes came.</returns>
    internal static int Result(ValueTask<int> completed) => completed.GetAwaiter().GetResult();

    /// <summary>Writes bytes that have to be on the heap before a device takes them.</summary>
    /// <param name="stream">The stream, with its position.</param>
    /// <param name="data">The bytes.</param>
    internal static void Write(Stream stream, ReadOnlySpan<byte> data)
    {
        byte[] piece = ArrayPool<byte>.Shared.Rent(Math.Min(data.Length, PieceSize));
        try
        {
            while (data.Length > 0)
            {
                int count = Math.Min(data.Length, PieceSize);
                data[..count].CopyTo(piece);
                Wait(stream.WriteAsync(piece.AsMemory(0, count)));
                data = data[count..];
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    /// <summary>Copies from the source's position to its end.</summary>
    /// <param name="source">The stream over a device.</param>
    /// <param name="destination">Where the bytes go.</param>
    /// <param name="atLeast">The piece that the caller asks for, in bytes.</param>
    internal static void Copy(Stream source, Stream destination, int atLeast)
    {
        byte[] piece = ArrayPool<byte>.Shared.Rent(Choose(source, atLeast));
        try
        {
            for (int count; (count = source.Read(piece, 0, piece.Length)) > 0;)
            {
                destination.Write(piece, 0, count);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    /// <summary>Copies from the source's position to its end.</summary>
    /// <param name="source">The stream over a device.</param>
    /// <param name="destination">Where the bytes go.</param>
    /// <param name="atLeast">The piece that the caller asks for, in bytes.</param>
    /// <param name="cancellationToken">Ends the copy between or within pieces.</param>
    /// <returns>A task that is done at the end.</returns>
    internal static async Task CopyAsync(
        Stream source, Stream destination, int atLeast, CancellationToken cancellationToken)
    {
        byte[] piece = ArrayPool<byte>.Shared.Rent(Choose(source, atLeast));
        try
        {
            while (await source.ReadAsync(piece, cancellationToken).ConfigureAwait(false)
                is int count and > 0)
            {
                await destination.WriteAsync(piece.AsMemory(0, count), cancellationToken)
                    .ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    // No more than there is to copy: a copy of a small tail should not take a large piece.
    private static int Choose(Stream source, int atLeast) =>
        (int)Math.Clamp(source.Length - source.Position, 1, Math.Max(PieceSize, atLeast));
}
