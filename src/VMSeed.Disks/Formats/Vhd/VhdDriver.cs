using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Vhd.Checking;
using VMSeed.Disks.Formats.Vhd.Structures;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vhd.Structures.VhdConstants;

namespace VMSeed.Disks.Formats.Vhd;

/// <summary>Virtual PC's and Hyper-V's first format.</summary>
internal sealed class VhdDriver : FormatDriver
{
    public override DiskFormat Format => DiskFormat.Vhd;

    public override bool Recognizes(ProbeWindow window) =>
        window.Has(0, FooterCookie) || window.EndsWith(FooterLength, FooterCookie)
            || window.EndsWith(ShortFooterLength, FooterCookie);

    public override async ValueTask<DiskImage> OpenAsync(
        OpenRequest request, CancellationToken cancellationToken)
    {
        VhdParts parts = await VhdParts
            .ReadAsync(request.File, request.Options.VhdSize, cancellationToken)
            .ConfigureAwait(false);
        if (parts.Header is null)
        {
            return new VhdImage(request, parts, new VhdFixedMap(request, parts), new());
        }

        var tables = new TablePages(request.File, request.Options.TableCacheSize);
        var unused = new SpaceRecycler();
        VhdSpace? space = request.CanWrite
            ? await FindSpaceAsync(request.File, parts, tables, unused, cancellationToken)
                .ConfigureAwait(false)
            : null;
        var map = new VhdMap(request, parts, tables, space);
        if (!parts.IsDifferencing)
        {
            return new VhdImage(request, parts, map, unused.Epochs);
        }

        IReadOnlyList<string> names = await VhdParent
            .NamesAsync(request.File, parts, cancellationToken).ConfigureAwait(false);
        OpenedParent parent = await VhdParent
            .OpenAsync(request, parts, names, cancellationToken).ConfigureAwait(false);
        return new VhdImage(
            request, parts, map, unused.Epochs, parent, names.Count > 0 ? names[0] : null);
    }

    public override ValueTask CreateAsync(
        CreateRequest request, CancellationToken cancellationToken) =>
        VhdCreation.CreateAsync(request, cancellationToken);

    // What contradicts itself is not written to: two blocks in one place would each overwrite the
    // other.
    private static async ValueTask<VhdSpace> FindSpaceAsync(
        BlockDevice file,
        VhdParts parts,
        TablePages tables,
        SpaceRecycler unused,
        CancellationToken cancellationToken)
    {
        List<VhdArea> areas = await VhdSurvey
            .AreasAsync(file, parts.Footer, parts.Header!, tables, cancellationToken)
            .ConfigureAwait(false);
        if (VhdSurvey.Faults(areas, file.Length).FirstOrDefault() is { } fault)
        {
            throw DiskFormatException.Corrupt(
                $"The VHD can be read at most, not written: {fault}");
        }

        foreach ((long offset, _) in VhdSurvey.Gaps(areas, parts.Header!.Stride))
        {
            unused.GiveBack(offset + parts.Header.BitmapLength);
        }

        return new VhdSpace(file, parts, VhdSurvey.End(areas), unused);
    }
}
