using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;

namespace VMSeed.ImageBuilder.Tools;

/// <summary>Makes holes of zeros that were written, so that archives need not hold them.</summary>
internal static class HoleDigger
{
    // What file systems keep at the least.
    private const int Page = 4096;

    private const int PieceSize = 1 << 20;

    /// <summary>Looks through all data of a disk, and gives back every page of zeros.</summary>
    public static async Task DigAsync(BlockDevice disk, CancellationToken cancellationToken)
    {
        List<Extent> data = [];
        await foreach (Extent extent in disk.ExtentsAsync(0, disk.Length, cancellationToken))
        {
            if (extent.Kind == ExtentKind.Data)
            {
                data.Add(extent);
            }
        }

        byte[] buffer = new byte[PieceSize];
        foreach (Extent extent in data)
        {
            for (long offset = extent.Offset; offset < extent.End; offset += PieceSize)
            {
                Memory<byte> piece = buffer.AsMemory(
                    0, (int)Math.Min(PieceSize, extent.End - offset));
                await disk.ReadAsync(offset, piece, cancellationToken);
                await DigAsync(disk, offset, piece, cancellationToken);
            }
        }
    }

    private static async Task DigAsync(
        BlockDevice disk, long start, Memory<byte> piece, CancellationToken cancellationToken)
    {
        for (int at = 0; at < piece.Length;)
        {
            int zeros = ZerosAt(piece.Span[at..]);
            if (zeros > 0)
            {
                await disk.ZeroAsync(start + at, zeros, cancellationToken);
            }

            at += Math.Max(zeros, Page);
        }
    }

    // Whole pages of zeros that the bytes begin with.
    private static int ZerosAt(ReadOnlySpan<byte> bytes)
    {
        int first = bytes.IndexOfAnyExcept((byte)0);
        return first < 0 ? bytes.Length : first / Page * Page;
    }
}
