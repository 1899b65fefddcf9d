using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using static VMSeed.Disks.Archives.TarFormat;

namespace VMSeed.Disks.Archives;

/// <summary>Reads the map that stands before the data of a PAX 1.0 sparse file: a count, then two
/// numbers a region, each on a line, filled up to a whole block.</summary>
internal sealed class PaxMapReader
{
    private readonly BlockDevice _archive;
    private readonly long _limit;
    private readonly byte[] _block = new byte[Block];
    private int _next = Block;

    /// <summary>Begins at a map.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="start">Where the map begins.</param>
    /// <param name="size">Bytes of map and data.</param>
    public PaxMapReader(BlockDevice archive, long start, long size)
    {
        (_archive, End) = (archive, start);
        _limit = start + Math.Min(size, archive.Length - start);
    }

    /// <summary>Where the data begins, when the map has been read.</summary>
    public long End { get; private set; }

    public async ValueTask ReadAsync(TarRegionList regions, CancellationToken cancellationToken)
    {
        long count = await ReadNumberAsync(cancellationToken).ConfigureAwait(false);
        for (long i = 0; i < count; i++)
        {
            long offset = await ReadNumberAsync(cancellationToken).ConfigureAwait(false);
            long length = await ReadNumberAsync(cancellationToken).ConfigureAwait(false);
            regions.Add(offset, length);
        }
    }

    private async ValueTask<long> ReadNumberAsync(CancellationToken cancellationToken)
    {
        long value = 0;
        while (true)
        {
            if (_next == Block)
            {
                await ReadBlockAsync(cancellationToken).ConfigureAwait(false);
            }

            byte letter = _block[_next++];
            if (letter == (byte)'\n')
            {
                return value;
            }

            value = letter is >= (byte)'0' and <= (byte)'9' && value < 1L << 59
                ? (value * 10) + letter - '0'
                : throw DiskFormatException.Corrupt(
                    $"The map of the sparse file has the byte {letter} before {End}, where a "
                    + "number belongs.");
        }
    }

    private async ValueTask ReadBlockAsync(CancellationToken cancellationToken)
    {
        if (_limit - End < Block)
        {
            throw DiskFormatException.Corrupt(
                $"The map of the sparse file goes on behind {End}, where the file, or the archive, "
                + "ends.");
        }

        await _archive.ReadAsync(End, _block, cancellationToken).ConfigureAwait(false);
        End += Block;
        _next = 0;
    }
}
