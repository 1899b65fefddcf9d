using VMSeed.Disks.Drivers;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vhd.VhdConstants;

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
        VhdParts parts = await VhdParts.ReadAsync(request.File, cancellationToken)
            .ConfigureAwait(false);
        if (parts.Header is null)
        {
            return new VhdImage(request, parts, new VhdFixedMap(request, parts));
        }

        var tables = new TablePages(request.File, request.Options.TableCacheSize);
        IReadOnlyList<string> names = parts.IsDifferencing
            ? await VhdParent.NamesAsync(request.File, parts, cancellationToken)
                .ConfigureAwait(false)
            : [];
        OpenedParent? parent = parts.IsDifferencing
            ? await VhdParent.OpenAsync(request, parts, names, cancellationToken)
                .ConfigureAwait(false)
            : null;
        var map = new VhdMap(request, parts, tables);
        return new VhdImage(request, parts, map, parent, names.Count > 0 ? names[0] : null);
    }
}
