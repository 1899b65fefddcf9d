using VMSeed.Blocks;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Vhd.Structures;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vhd.Structures.VhdConstants;

namespace VMSeed.Disks.Formats.Vhd.Checking;

/// <summary>Holds the structures of a growing VHD against each other.</summary>
/// <param name="file">The image's file.</param>
/// <param name="parts">Its structures.</param>
/// <param name="tables">Its tables.</param>
/// <param name="tally">Hears what is found.</param>
internal sealed class VhdCheck(
    BlockDevice file, VhdParts parts, TablePages tables, CheckTally tally)
{
    private readonly VhdHeader _header = parts.Header!;

    /// <summary>Blocks whose bitmap denies data that they hold: their bitmaps' places.</summary>
    private readonly List<long> _deniedBitmaps = [];

    private long _mendable;

    /// <summary>Looks everything through; changes nothing.</summary>
    public async ValueTask FindAsync(
        IProgress<double>? progress, CancellationToken cancellationToken)
    {
        FindFooters();
        List<VhdArea> areas = await VhdSurvey
            .AreasAsync(file, parts.Footer, _header, tables, cancellationToken)
            .ConfigureAwait(false);
        foreach (string fault in VhdSurvey.Faults(areas, file.Length))
        {
            tally.Error(fault);
        }

        FindLeaks(areas);
        for (int i = 0; i < areas.Count; i++)
        {
            if (areas[i].Block >= 0)
            {
                long start = areas[i].Block * _header.BlockSize;
                tally.AllocatedBytes += Math.Min(
                    _header.BlockSize, parts.Footer.DiskSize - start);
                await FindDeniedAsync(areas[i], cancellationToken).ConfigureAwait(false);
            }

            progress?.Report((i + 1.0) / areas.Count);
        }
    }

    /// <summary>Mends what can be mended without a loss. The footers and the end of the file have
    /// been, by the beginning of a session that writes.</summary>
    public async ValueTask MendAsync(CancellationToken cancellationToken)
    {
        byte[] all = new byte[_header.BitmapLength];
        Array.Fill(all, (byte)0xFF);
        foreach (long bitmap in _deniedBitmaps)
        {
            await file.WriteAsync(bitmap, all, cancellationToken).ConfigureAwait(false);
        }

        await file.FlushAsync(cancellationToken).ConfigureAwait(false);
        tally.Repaired += _mendable;
    }

    private void FindFooters()
    {
        if (!parts.HasEnd)
        {
            _mendable++;
            tally.Error("The file does not end with the footer that it begins with.");
        }

        if (!parts.HasCopy)
        {
            _mendable++;
            tally.Error("The file does not begin with a copy of the footer that it ends with.");
        }
    }

    // Less than a block is no waste: Windows and this library leave as much.
    private void FindLeaks(IReadOnlyList<VhdArea> areas)
    {
        foreach ((long offset, long length) in VhdSurvey.Gaps(areas, _header.Stride))
        {
            tally.Leak($"The {length} bytes at {offset} belong to no block.");
        }

        long end = VhdSurvey.End(areas);
        if (file.Length - FooterLength - end >= _header.Stride)
        {
            _mendable++;
            tally.Leak(
                $"The last block ends at {end}, the file at {file.Length}: "
                + $"{file.Length - FooterLength - end} bytes belong to no block.");
        }
    }

    // A dynamic image's bitmap says which sectors were ever written. We, QEMU and others read all
    // of a block; who goes by the bitmap must find the same, so what it denies has to be zeros.
    private async ValueTask FindDeniedAsync(VhdArea area, CancellationToken cancellationToken)
    {
        if (parts.IsDifferencing || area.End > file.Length || area.Offset < FooterLength)
        {
            return;
        }

        byte[] bitmap = new byte[_header.BitmapLength];
        await file.ReadAsync(area.Offset, bitmap, cancellationToken).ConfigureAwait(false);
        int sectors = _header.BlockSize / SectorSize;
        byte[] data = [];
        for (int sector = 0; sector < sectors;)
        {
            int count = VhdBitmap.RunLength(bitmap, 0, sector, sectors - sector);
            if (!VhdBitmap.IsSet(bitmap, 0, sector))
            {
                Array.Resize(ref data, count * SectorSize);
                await file.ReadAsync(
                    area.Offset + bitmap.Length + ((long)sector * SectorSize),
                    data,
                    cancellationToken).ConfigureAwait(false);
                if (data.AsSpan().ContainsAnyExcept((byte)0))
                {
                    _mendable++;
                    _deniedBitmaps.Add(area.Offset);
                    tally.Error(
                        $"The bitmap of {area.Name} says that its sectors from {sector} on were "
                        + "never written; they hold data.");
                    return;
                }
            }

            sector += count;
        }
    }
}
