using System.Collections;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vdi.VdiConstants;

namespace VMSeed.Disks.Formats.Vdi;

/// <summary>A walk over the whole map: which numbers of the data area are in use.</summary>
internal sealed class VdiSurvey
{
    private readonly VdiHeader _header;
    private readonly long _fileLength;
    private readonly CheckTally _tally;
    private readonly BitArray _used;

    private VdiSurvey(VdiHeader header, long fileLength, CheckTally tally)
    {
        (_header, _fileLength, _tally) = (header, fileLength, tally);
        _used = new BitArray(header.BlockCount);
    }

    /// <summary>How many blocks have storage.</summary>
    public int Mapped { get; private set; }

    /// <summary>The number after the highest that an entry has. The header's count may be older, or
    /// newer, after a crash of whoever wrote it.</summary>
    public int End { get; private set; }

    /// <summary>Numbers below <see cref="End"/> that no entry has.</summary>
    public IEnumerable<int> Holes => Mapped == End
        ? []
        : Enumerable.Range(0, End).Where(number => !_used[number]);

    /// <summary>Walks the map.</summary>
    /// <param name="header">The image's header.</param>
    /// <param name="tables">Its tables.</param>
    /// <param name="fileLength">The file's length in bytes.</param>
    /// <param name="tally">Hears of entries that are wrong.</param>
    /// <param name="progress">Hears the share that is done.</param>
    /// <param name="cancellationToken">Gives the walk up.</param>
    public static async ValueTask<VdiSurvey> TakeAsync(
        VdiHeader header,
        TablePages tables,
        long fileLength,
        CheckTally tally,
        IProgress<double>? progress,
        CancellationToken cancellationToken)
    {
        VdiSurvey survey = new(header, fileLength, tally);
        for (int block = 0; block < header.BlockCount;)
        {
            long at = header.MapOffset + ((long)block * sizeof(uint));
            TablePage page = await tables.GetAsync(at, cancellationToken).ConfigureAwait(false);
            block = survey.Add(page, (int)(at - page.Offset), block);
            progress?.Report((double)block / header.BlockCount);
        }

        return survey;
    }

    private int Add(TablePage page, int at, int block)
    {
        for (; at < TablePage.Size && block < _header.BlockCount; at += sizeof(uint), block++)
        {
            uint entry = page.ReadUInt32LittleEndian(at);
            if (entry < ZeroEntry)
            {
                Add(block, entry);
            }
        }

        return block;
    }

    private void Add(int block, uint entry)
    {
        if (entry >= (uint)_header.BlockCount
            || _header.PlaceOf(entry) > _fileLength - _header.BlockSize)
        {
            _tally.Error(
                $"The block {block} has the number {entry}, which lies behind the "
                + $"{_header.BlockCount} blocks of the image or the {_fileLength} bytes of its "
                + "file.");
        }
        else if (_used[(int)entry])
        {
            _tally.Error($"The block {block} has the number {entry}, as another block has.");
        }
        else
        {
            _used[(int)entry] = true;
            Mapped++;
            End = Math.Max(End, (int)entry + 1);
        }
    }
}
