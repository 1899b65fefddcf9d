using System.Runtime.CompilerServices;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Disks.Converting;

/// <summary>Cuts the extents of a range into the pieces of a copy.</summary>
/// <param name="align">What every piece's offset is a multiple of; so is its length, but for the
/// last. A power of two.</param>
/// <param name="size">The most bytes of a piece of data; a multiple of
/// <paramref name="align"/>.</param>
internal sealed class PieceCutter(int align, int size)
{
    /// <summary>Zeros shorter than this are read with their neighbours: 64 KiB. From memory that
    /// takes some 10 µs, from far away it saves a request; the writer finds them again.</summary>
    private const int LeastHole = 64 * 1024;

    /// <summary>Cuts.</summary>
    /// <param name="extents">In order; what lies between two is left out.</param>
    /// <param name="shift">What is taken off every offset.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    public async IAsyncEnumerable<CopyPiece> CutAsync(
        IAsyncEnumerable<Extent> extents,
        long shift,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        (long start, long end) = (0, 0);
        await foreach (Extent extent in extents.WithCancellation(cancellationToken)
            .ConfigureAwait(false))
        {
            long offset = extent.Offset - shift;
            if (offset > end)
            {
                foreach (CopyPiece piece in Data(start, end))
                {
                    yield return piece;
                }

                start = offset;
            }

            end = offset + extent.Length;
            if (extent.Kind == ExtentKind.Zero && HoleOf(offset, end) is { Length: > 0 } hole)
            {
                foreach (CopyPiece piece in Data(start, hole.Offset))
                {
                    yield return piece;
                }

                yield return hole;
                start = hole.Offset + hole.Length;
            }

            // Whole pieces go at once: on a large disk the map of the rest is a long walk.
            long whole = end / size * size;
            foreach (CopyPiece piece in Data(start, whole))
            {
                yield return piece;
            }

            start = Math.Max(start, whole);
        }

        foreach (CopyPiece piece in Data(start, end))
        {
            yield return piece;
        }
    }

    // The end of a range may lie anywhere; a hole that reaches it and is cut there leaves a last
    // piece of less than a unit, which is read.
    private CopyPiece HoleOf(long offset, long end)
    {
        long from = (offset + align - 1) / align * align;
        long to = end / align * align;
        return to - from >= LeastHole ? new CopyPiece(from, to - from, IsZero: true) : default;
    }

    // Cut at multiples of the size, so that blocks of the target's are filled by one piece.
    private IEnumerable<CopyPiece> Data(long start, long end)
    {
        while (start < end)
        {
            long next = Math.Min(end, (start / size * size) + size);
            yield return new CopyPiece(start, next - start, IsZero: false);
            start = next;
        }
    }
}
