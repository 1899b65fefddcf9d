using VMSeed.Blocks.Devices;

namespace VMSeed.Testing.Devices;

/// <summary>Does changes to a disk that loses power: each is there, torn, or lost.</summary>
/// <remarks>
/// The disk under it writes sectors of 512 bytes whole or not at all and in any order; so does a
/// file system under a file. A length is one number: it is new or old. Where a new length is lost
/// and a write beyond it is not, the file ends with that write, as a file system has it.
/// </remarks>
internal sealed class SurvivingChanges(MemoryBlockDevice disk)
{
    private const int Sector = 512;

    // A zeroed TiB is torn too, but not in 2 Gi places. 1,024 pieces are more than any format's
    // table has sectors for one write.
    private const int MaxPieces = 1024;

    /// <summary>Does a change as a whole.</summary>
    internal ValueTask ApplyAsync(DeviceChange change) =>
        change.Kind switch
        {
            DeviceChangeKind.Flush => default,
            DeviceChangeKind.SetLength => disk.SetLengthAsync(change.Offset),
            _ => StoreAsync(change, 0, change.Length),
        };

    /// <summary>Does a change or not, or some sectors of it.</summary>
    /// <param name="change">The change.</param>
    /// <param name="random">Chance.</param>
    /// <param name="survival">How likely it is there as a whole; of the others, half are lost as a
    /// whole, half are torn.</param>
    internal async ValueTask ApplyAsync(DeviceChange change, Random random, double survival)
    {
        if (change.Kind == DeviceChangeKind.Flush)
        {
            return; // It was no change, and asks no chance.
        }

        if (random.NextDouble() < survival)
        {
            await ApplyAsync(change);
        }
        else if (random.Next(2) == 0 && change.Kind < DeviceChangeKind.SetLength)
        {
            await TearAsync(change, random);
        }
    }

    private async ValueTask TearAsync(DeviceChange change, Random random)
    {
        long piece = Math.Max(1, (change.Length + (Sector * MaxPieces) - 1) / (Sector * MaxPieces))
            * Sector;
        for (long done = 0; done < change.Length;)
        {
            long count = Math.Min(piece - ((change.Offset + done) % Sector), change.Length - done);
            if (random.Next(2) == 0)
            {
                await StoreAsync(change, done, count);
            }

            done += count;
        }
    }

    private async ValueTask StoreAsync(DeviceChange change, long from, long count)
    {
        long offset = change.Offset + from;
        if (offset + count > disk.Length)
        {
            if (change.Kind == DeviceChangeKind.Trim)
            {
                return; // A trim makes no file longer.
            }

            await disk.SetLengthAsync(offset + count);
        }

        switch (change.Kind)
        {
            case DeviceChangeKind.Write:
                await disk.WriteAsync(offset, change.Data.Slice((int)from, (int)count));
                break;
            case DeviceChangeKind.Zero:
                await disk.ZeroAsync(offset, count);
                break;
            default:
                await Garbage.FillAsync(disk, offset, count);
                break;
        }
    }
}
