using System.Text;
using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;
using VMSeed.Disks.Archives;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Converting;
using VMSeed.Disks.Mapping;

namespace VMSeed.Disks;

/// <summary>Raw disks in tar archives, as <c>tar --sparse</c> writes and reads them: without their
/// holes.</summary>
public static class SparseTar
{
    /// <summary>Holes shorter than this are stored: 32 KiB. An entry of the map costs a hundredth
    /// of that, and a reader of the archive one more request.</summary>
    private const long LeastHole = 32 * 1024;

    /// <summary>Whether a file begins as tar archives do.</summary>
    /// <param name="file">The file, of which at most 512 bytes are read.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    /// <returns>Whether it has the mark of a GNU or POSIX archive.</returns>
    public static async ValueTask<bool> IsTarAsync(
        BlockDevice file, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        byte[] start = new byte[TarFormat.Block];
        if (file.Length < start.Length)
        {
            return false;
        }

        await file.ReadAsync(0, start, cancellationToken).ConfigureAwait(false);
        return start.AsSpan(TarFormat.MagicOffset).StartsWith(TarFormat.Magic);
    }

    /// <summary>Opens a file in an archive as a device that can be read; its holes are
    /// zeros.</summary>
    /// <param name="archive">The archive, not compressed: in the old GNU format or POSIX's, its
    /// file dense, or sparse in the old GNU format or PAX 1.0. On success it is closed with the
    /// device.</param>
    /// <param name="name">The file's name in the archive; null for the first file.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    /// <returns>The device.</returns>
    /// <exception cref="DiskFormatException">It is no such archive, or holds no such
    /// file.</exception>
    public static async ValueTask<BlockDevice> OpenAsync(
        BlockDevice archive, string? name = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(archive);
        TarMember member = await new TarReader(archive).FindAsync(name, cancellationToken)
            .ConfigureAwait(false);
        return new MappedDisk(new TarMap(archive, member), parent: null);
    }

    /// <summary>Writes an archive with one file, a disk without its holes.</summary>
    /// <param name="source">The disk.</param>
    /// <param name="name">The file's name: 1 to 100 bytes of UTF-8.</param>
    /// <param name="target">Where the archive goes; need not seek, and stays open.</param>
    /// <param name="modified">The file's time.</param>
    /// <param name="progress">Hears of every piece, one call at a time, on any thread.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    /// <returns>A task that is done when the stream has the whole archive and is
    /// flushed.</returns>
    public static async ValueTask WriteAsync(
        BlockDevice source,
        string name,
        Stream target,
        DateTimeOffset modified,
        IProgress<CopyProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (Encoding.UTF8.GetByteCount(name) > TarFormat.NameLength)
        {
            throw new ArgumentException(
                $"The name has {Encoding.UTF8.GetByteCount(name)} bytes; a header has room for "
                + $"{TarFormat.NameLength}.",
                nameof(name));
        }

        List<(long Offset, long Length)> regions = await RegionsOfAsync(source, cancellationToken)
            .ConfigureAwait(false);
        byte[] header = TarHeader.Create(name, source.Length, regions, modified);
        await target.WriteAsync(header, cancellationToken).ConfigureAwait(false);
        await CopyPipeline.RunAsync(
            source,
            regions.Select(part => new Extent(part.Offset, part.Length, ExtentKind.Data))
                .ToAsyncEnumerable(),
            0,
            new RegionSink(target, header.Length),
            new CopyTicks(regions.Sum(part => part.Length), progress),
            cancellationToken).ConfigureAwait(false);
    }

    // Whole blocks, for that is what an archive counts in.
    private static async ValueTask<List<(long Offset, long Length)>> RegionsOfAsync(
        BlockDevice source, CancellationToken cancellationToken)
    {
        List<(long Offset, long Length)> regions = [];
        await foreach (Extent extent in MapWalk
            .ExtentsAsync(source, 0, source.Length, cancellationToken).ConfigureAwait(false))
        {
            if (extent.Kind == ExtentKind.Zero)
            {
                continue;
            }

            long start = extent.Offset / TarFormat.Block * TarFormat.Block;
            long end = Math.Min(source.Length, TarFormat.RoundUp(extent.End));
            if (regions.Count > 0 && start - regions[^1].Offset - regions[^1].Length < LeastHole)
            {
                regions[^1] = (regions[^1].Offset, end - regions[^1].Offset);
            }
            else
            {
                regions.Add((start, end - start));
            }
        }

        return regions;
    }
}
