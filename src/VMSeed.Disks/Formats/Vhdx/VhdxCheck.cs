using VMSeed.Blocks;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Vhdx.Structures;
using VMSeed.Disks.Formats.Vhdx.Tables;

namespace VMSeed.Disks.Formats.Vhdx;

/// <summary>Holds the table against the file, and the copies of headers and regions against each
/// other.</summary>
/// <param name="file">The file, its log done.</param>
/// <param name="contents">What it says of itself.</param>
/// <param name="geometry">Where its table lies now.</param>
/// <param name="tally">Takes what is found.</param>
internal sealed class VhdxCheck(
    BlockDevice file, VhdxContents contents, VhdxGeometry geometry, CheckTally tally)
{
    /// <summary>Entries that one check mends: 1 Mi, 16 MiB of memory. The next check finds the
    /// others.</summary>
    private const int GreatestMendCount = 1 << 20;

    private readonly UsedSpace _used = VhdxSurvey.Begin(file, contents, geometry.Bat);
    private readonly List<(long Index, BatEntry Entry)> _mendable = [];
    private long _partial = -1;

    /// <summary>Entries that can be put right without a loss, and what they should be.</summary>
    public IReadOnlyList<(long Index, BatEntry Entry)> Mendable => _mendable;

    /// <summary>Looks at everything.</summary>
    /// <param name="headers">The headers as they were found.</param>
    /// <param name="progress">Hears the share that is done.</param>
    /// <param name="cancellationToken">Gives the check up.</param>
    /// <returns>How many of the faults are put right by a session that begins and ends.</returns>
    public async ValueTask<int> RunAsync(
        VhdxHeaders headers, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        int mended = 0;
        if (!headers.HasTwo)
        {
            tally.Error("One of the two headers is damaged.");
            mended++;
        }

        if (contents.Regions.Copies < 2)
        {
            tally.Error("The two region tables differ.");
            mended++;
        }

        await VhdxSurvey.WalkAsync(file, geometry, Visit, progress, cancellationToken)
            .ConfigureAwait(false);
        bool isOpen = headers.Current.LogId != Guid.Empty;
        if (file.Length - _used.End >= geometry.BlockSize && !isOpen)
        {
            // While the image is written, the file is ahead of what is in use. Less than a block is
            // a gap as any other.
            tally.Leak($"{file.Length - _used.End} bytes lie past the last block.");
            mended++;
        }
        else if (file.Length < _used.End)
        {
            tally.Error(
                $"The file of {file.Length} bytes ends within its last block, at {_used.End}.");
            mended++;
        }

        progress?.Report(1);
        return mended;
    }

    private void Visit(long index, bool isBitmap, BatEntry entry)
    {
        if (isBitmap)
        {
            VisitBitmap(index, entry);
        }
        else
        {
            VisitBlock(index, entry);
        }
    }

    private void VisitBlock(long index, BatEntry entry)
    {
        if (!entry.IsKnown)
        {
            tally.Error($"Entry {index} has the state {(int)entry.State}, which does not exist.");
            return;
        }

        if (entry.State == BlockState.Partial && !geometry.HasParent)
        {
            Mend(
                index,
                new BatEntry(BlockState.Present, entry.Offset),
                $"Entry {index} is present in part, in a disk without a parent.");
        }
        else if (entry.HasReservedBits)
        {
            Mend(
                index,
                new BatEntry(entry.State, entry.Offset),
                $"Entry {index} is 0x{entry.Value:X}, with bits that are reserved.");
        }
        else if (entry is { State: BlockState.NotPresent or BlockState.Zero, Offset: > 0 })
        {
            Mend(
                index,
                new BatEntry(entry.State, 0),
                $"Entry {index} has no block, and names {entry.Offset} for it.");
        }

        if (entry.HasPlace)
        {
            tally.AllocatedBytes += geometry.BlockSize;
            Take(index, entry, geometry.BlockSize);
            _partial = entry.State == BlockState.Partial ? index : _partial;
        }
    }

    private void VisitBitmap(long index, BatEntry entry)
    {
        if (geometry.HasParent && _partial >= 0 && entry.State != BlockState.Present)
        {
            tally.Error($"Entry {_partial} is present in part, and has no sector bitmap.");
        }

        _partial = -1;
        if (entry.State == BlockState.Present)
        {
            Take(index, entry, VhdxConstants.BitmapBlockLength);
        }
        else if (entry.State != BlockState.NotPresent)
        {
            tally.Error(
                $"Entry {index} is a bitmap's and has the state {(int)entry.State}, not 0 or 6.");
        }
    }

    private void Take(long index, BatEntry entry, long length)
    {
        if (entry.Offset >= file.Length)
        {
            tally.Error(
                $"Entry {index} names {entry.Offset}, past the {file.Length} bytes of the file.");
        }
        else if (!_used.TryTake(entry.Offset, length))
        {
            tally.Error(
                $"Entry {index} has {length} bytes at {entry.Offset}, where something else lies.");
        }
    }

    private void Mend(long index, BatEntry entry, string sentence)
    {
        tally.Error(sentence);
        if (_mendable.Count < GreatestMendCount)
        {
            _mendable.Add((index, entry));
        }
    }
}
