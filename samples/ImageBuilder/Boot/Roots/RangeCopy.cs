using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;

namespace VMSeed.ImageBuilder.Boot.Roots;

/// <summary>Copies a range of a disk to a sparse file, for programs that read no virtual
/// disks.</summary>
internal static class RangeCopy
{
    // What a lazy disk fetches at once.
    private const int PieceLength = 1024 * 1024;

    /// <summary>Copies it.</summary>
    public static async Task WriteAsync(
        BlockDevice disk,
        long offset,
        long length,
        string path,
        IProgress<(long Done, long Total)>? progress,
        CancellationToken cancellationToken)
    {
        FileStream file = new(path, FileMode.CreateNew, FileAccess.Write);
        await using (file)
        {
            file.SetLength(length);
            byte[] buffer = new byte[PieceLength];
            await foreach (Extent extent in disk.ExtentsAsync(offset, length, cancellationToken))
            {
                if (extent.Kind != ExtentKind.Zero)
                {
                    file.Position = extent.Offset - offset;
                    await CopyAsync(disk, extent, file, buffer, cancellationToken);
                }

                progress?.Report((extent.End - offset, length));
            }
        }
    }

    private static async Task CopyAsync(
        BlockDevice disk,
        Extent extent,
        FileStream file,
        byte[] buffer,
        CancellationToken cancellationToken)
    {
        for (long at = extent.Offset; at < extent.End;)
        {
            Memory<byte> piece = buffer.AsMemory(
                0, (int)Math.Min(buffer.Length, extent.End - at));
            await disk.ReadAsync(at, piece, cancellationToken);
            await file.WriteAsync(piece, cancellationToken);
            at += piece.Length;
        }
    }
}
