using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Vhd.Checking;
using VMSeed.Disks.Formats.Vhd.Structures;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vhd.Structures.VhdConstants;

namespace VMSeed.Disks.Formats.Vhd;

/// <summary>An open VHD.</summary>
internal sealed class VhdImage : DiskImage
{
    private readonly WritableMap _map;
    private readonly OpenedParent? _parent;
    private volatile DiskInfo _info;

    public VhdImage(
        OpenRequest request,
        VhdParts parts,
        WritableMap map,
        TransferEpochs epochs,
        OpenedParent? parent = null,
        string? parentName = null)
    {
        (_map, _parent) = (map, parent);
        Disk = request.CanWrite
            ? new WritableDisk(map, parent?.Disk, epochs)
            : new MappedDisk(map, parent?.Disk);
        Identity = new DiskIdentity(parts.Footer.Id, Guid.Empty);
        _info = new DiskInfo
        {
            Format = DiskFormat.Vhd,
            Variant = parts.Footer.Type switch
            {
                Fixed => "fixed",
                Dynamic => "dynamic",
                _ => "differencing",
            },
            BlockSize = parts.Header?.BlockSize ?? 0,
            Id = parts.Footer.Id,
            ParentName = parentName,
            IsUnclean = !parts.HasEnd,
            Warnings = [.. Warnings(parts)],
        };
    }

    public override BlockDevice Disk { get; }

    public override DiskInfo Info => _info;

    public override DiskIdentity Identity { get; }

    public override async ValueTask<CheckReport> CheckAsync(
        bool repair, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var tally = new CheckTally();
        if (_map is not VhdMap map)
        {
            tally.AllocatedBytes = Disk.Length;
            return tally.Report();
        }

        VhdCheck check = map.Check(tally);
        if (Disk is not WritableDisk disk)
        {
            await check.FindAsync(progress, cancellationToken).ConfigureAwait(false);
            return tally.Report();
        }

        await disk.RunAloneAsync(
            () => check.FindAsync(progress, cancellationToken), repairs: false)
            .ConfigureAwait(false);
        if (repair)
        {
            await disk.RunAloneAsync(() => map.MendAsync(check, cancellationToken))
                .ConfigureAwait(false);
        }

        return tally.Report();
    }

    public override async ValueTask SetParentAsync(
        string? name,
        DiskFormat? format,
        DiskIdentity identity,
        CancellationToken cancellationToken)
    {
        if (_map is not VhdMap map || _info.Variant != "differencing"
            || string.IsNullOrEmpty(name))
        {
            throw DiskFormatException.Unsupported(
                $"A {_info.Variant} VHD cannot come to lie over the parent '{name}' in place: "
                + "only a differencing one can, and over one that has a name. Make the image "
                + "anew instead.");
        }

        Guid? id = format is null ? null : identity.Id;
        await ((WritableDisk)Disk).RunAloneAsync(
            () => map.SetParentAsync(id, name, cancellationToken), repairs: false)
            .ConfigureAwait(false);
        _info = _info with { ParentName = name };
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync().ConfigureAwait(false);
        if (_parent is not null)
        {
            await _parent.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static IEnumerable<string> Warnings(VhdParts parts)
    {
        VhdFooter footer = parts.Footer;
        if (!parts.HasEnd)
        {
            yield return "The file does not end with the footer that it begins with; the latter is "
                + "believed.";
        }

        if (!parts.HasCopy)
        {
            yield return "The file does not begin with a copy of the footer that it ends with.";
        }

        if (footer.DiskSize != footer.CurrentSize)
        {
            yield return $"The footer says {footer.CurrentSize} bytes and a geometry of "
                + $"{footer.DiskSize} bytes; the latter is used"
                + (footer.Rule == VhdSizeRule.Geometry
                    ? ", as was asked for."
                    : $", for '{footer.Creator}' made it.");
        }
    }
}
