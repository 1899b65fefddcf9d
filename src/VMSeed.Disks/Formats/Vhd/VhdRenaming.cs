using VMSeed.Blocks;
using VMSeed.Disks.Formats.Vhd.Checking;
using VMSeed.Disks.Formats.Vhd.Structures;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vhd.Structures.VhdConstants;

namespace VMSeed.Disks.Formats.Vhd;

// A header has two sectors under one checksum, and points at names that are somewhere else: none
// of the three may be changed where it is. The copy of the footer at the beginning is one sector,
// is the one that is believed, and says where the header lies. So
//   1. a new header with new names is written behind the file; flush;
//   2. the copy of the footer points there; flush: the image has its new parent;
//   3. the same is written where the old header and names are, which nothing needs any more; flush;
//   4. the copy points back; flush; what is behind the file is cut off.

/// <summary>Notes another parent in a differencing VHD. Called under the disk's gate, with
/// everything committed.</summary>
/// <param name="file">The image's file, which ends with its footer.</param>
/// <param name="parts">Its structures.</param>
/// <param name="tables">Its tables.</param>
internal sealed class VhdRenaming(BlockDevice file, VhdParts parts, TablePages tables)
{
    /// <summary>Writes, durably.</summary>
    /// <param name="id">What the parent is known by.</param>
    /// <param name="name">The parent's name.</param>
    /// <param name="fileName">The image's own, where that is known.</param>
    /// <param name="cancellationToken">Gives the work up before the second step.</param>
    /// <returns>The structures as they then are.</returns>
    public async ValueTask<VhdParts> RunAsync(
        Guid id, string name, string? fileName, CancellationToken cancellationToken)
    {
        long end = file.Length;
        (long start, long room) = await RoomAsync(cancellationToken).ConfigureAwait(false);
        VhdParentNames names = VhdParentNames.Of(name, fileName, start);
        VhdParentNames kept = names.Within(room);
        VhdParentNames aside = names with
        {
            Start = FileTail.Align(end, SectorSize) + HeaderLength,
        };
        VhdHeader header = parts.Header!.WithParent(id, names.Longest, kept.Locators);
        await file.SetLengthAsync(aside.End + FooterLength, cancellationToken)
            .ConfigureAwait(false);
        await WriteAsync(
            aside.Start - HeaderLength,
            parts.Header!.WithParent(id, names.Longest, aside.Locators),
            aside,
            cancellationToken).ConfigureAwait(false);
        await file.WriteAsync(aside.End, parts.Footer.Bytes, cancellationToken)
            .ConfigureAwait(false);
        await file.FlushAsync(cancellationToken).ConfigureAwait(false);

        await PointAsync(aside.Start - HeaderLength).ConfigureAwait(false);
        await WriteAsync(parts.Footer.HeaderOffset, header, kept, CancellationToken.None)
            .ConfigureAwait(false);
        await file.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        await PointAsync(parts.Footer.HeaderOffset).ConfigureAwait(false);
        await file.SetLengthAsync(end, CancellationToken.None).ConfigureAwait(false);
        await file.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        return parts with { Header = header };
    }

    private async ValueTask WriteAsync(
        long offset,
        VhdHeader header,
        VhdParentNames names,
        CancellationToken cancellationToken)
    {
        await file.WriteAsync(offset, header.Bytes, cancellationToken).ConfigureAwait(false);
        await names.WriteAsync(file, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask PointAsync(long header)
    {
        await file.WriteAsync(0, parts.Footer.WithHeader(header).Bytes).ConfigureAwait(false);
        await file.FlushAsync().ConfigureAwait(false);
    }

    // Where the image's names are, and behind them, up to what is anything else.
    private async ValueTask<(long Start, long Length)> RoomAsync(
        CancellationToken cancellationToken)
    {
        List<VhdArea> areas = await VhdSurvey
            .AreasAsync(file, parts.Footer, parts.Header!, tables, cancellationToken)
            .ConfigureAwait(false);
        long start = areas.Where(area => area.Block == VhdArea.ParentName)
            .Select(area => area.Offset)
            .DefaultIfEmpty(parts.Footer.HeaderOffset + HeaderLength)
            .Min();
        long end = areas
            .Where(area => area.Block != VhdArea.ParentName && area.End > start)
            .Select(area => area.Offset)
            .DefaultIfEmpty(start)
            .Min();
        return start % SectorSize == 0 ? (start, Math.Max(0, end - start)) : (start, 0);
    }
}
