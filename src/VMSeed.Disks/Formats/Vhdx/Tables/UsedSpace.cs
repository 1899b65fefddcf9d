using System.Numerics;
using static VMSeed.Disks.Formats.Vhdx.VhdxConstants;

namespace VMSeed.Disks.Formats.Vhdx.Tables;

/// <summary>Which MiB of a file belong to something: a bit each, 128 KiB for a file of 1
/// TiB.</summary>
internal sealed class UsedSpace
{
    private readonly ulong[] _bits;

    /// <summary>Begins with nothing in use.</summary>
    /// <param name="fileLength">How long the file is; what lies beyond belongs to nothing.</param>
    public UsedSpace(long fileLength)
    {
        FileLength = Math.Min(fileLength, GreatestFileLength);
        _bits = new ulong[((FileLength + GreatestBlockSize) / MiB / 64) + 1];
    }

    public long FileLength { get; }

    /// <summary>The first byte after everything in use; a multiple of 1 MiB.</summary>
    public long End { get; private set; }

    /// <summary>Takes a range for its owner.</summary>
    /// <returns>False when it begins beyond the file, or part of it is somebody else's: then
    /// nothing is taken. It may end beyond the file, as QEMU's last block does.</returns>
    public bool TryTake(long offset, long length)
    {
        if (offset >= FileLength || length > GreatestFileLength - offset)
        {
            return false;
        }

        long first = offset / MiB;
        long last = (offset + length - 1) / MiB;
        for (long at = first; at <= last; at++)
        {
            if (IsTaken(at))
            {
                return false;
            }
        }

        for (long at = first; at <= last; at++)
        {
            _bits[at / 64] |= 1UL << (int)(at % 64);
        }

        End = Math.Max(End, (last + 1) * MiB);
        return true;
    }

    /// <summary>Places between what is in use where something of a length fits.</summary>
    public IEnumerable<long> Gaps(long length)
    {
        long wanted = length / MiB;
        long free = 0;
        for (long at = 0; at < End / MiB; at++)
        {
            free = IsTaken(at) ? 0 : free + 1;
            if (free == wanted)
            {
                yield return (at + 1 - wanted) * MiB;
                free = 0;
            }
        }
    }

    /// <summary>Bytes in use, in whole MiB.</summary>
    public long Bytes => _bits.Sum(word => (long)BitOperations.PopCount(word)) * MiB;

    private bool IsTaken(long at) => (_bits[at / 64] & (1UL << (int)(at % 64))) != 0;
}
