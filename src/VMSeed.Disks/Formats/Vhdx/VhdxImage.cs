using VMSeed.Blocks;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Vhdx.Structures;
using VMSeed.Disks.Mapping;

namespace VMSeed.Disks.Formats.Vhdx;

/// <summary>An open VHDX.</summary>
internal sealed class VhdxImage : DiskImage
{
    private readonly VhdxHeader _header;
    private readonly VhdxContents _contents;
    private readonly VhdxSession? _session;
    private readonly OpenedParent? _parent;

    /// <summary>An image over its opened file.</summary>
    /// <param name="request">What it was opened with; its file is the one with the log
    /// done.</param>
    /// <param name="headers">Its headers.</param>
    /// <param name="contents">What it says of itself.</param>
    /// <param name="session">What writes; null for an image that is only read.</param>
    /// <param name="parent">What lies below.</param>
    /// <param name="isUnclean">Whether its log had to be replayed.</param>
    public VhdxImage(
        OpenRequest request,
        VhdxHeaders headers,
        VhdxContents contents,
        VhdxSession? session,
        OpenedParent? parent,
        bool isUnclean)
    {
        (_header, _contents, _session, _parent) = (headers.Current, contents, session, parent);
        var tables = new TablePages(request.File, request.Options.TableCacheSize);
        var map = new VhdxMap(
            request.File,
            contents,
            tables,
            session,
            parent?.Disk.Length ?? 0,
            request.Options.LeaveOpen);
        Disk = session is null
            ? new MappedDisk(map, parent?.Disk)
            : new WritableDisk(map, parent?.Disk, session.Space.Epochs);
        Info = new DiskInfo
        {
            Format = DiskFormat.Vhdx,
            Variant = contents.Geometry.HasParent ? "differencing"
                : contents.IsFixed ? "fixed" : "dynamic",
            BlockSize = contents.Geometry.BlockSize,
            SectorSize = contents.Geometry.SectorSize,
            Id = contents.DiskId,
            ParentName = contents.Parent?.Name,
            IsUnclean = isUnclean,
            Warnings = [.. Oddities(headers, contents.Regions)],
        };
    }

    public override BlockDevice Disk { get; }

    public override DiskInfo Info { get; }

    public override DiskIdentity Identity =>
        new(_contents.DiskId, _session?.DataWriteId ?? _header.DataWriteId)
        {
            SectorSize = _contents.Geometry.SectorSize,
        };

    public override async ValueTask DisposeAsync()
    {
        try
        {
            await base.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            if (_parent is not null)
            {
                await _parent.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private static IEnumerable<string> Oddities(VhdxHeaders headers, VhdxRegions regions)
    {
        if (!headers.HasTwo)
        {
            yield return "One of the two headers is damaged; the other one counts.";
        }

        if (regions.Copies < 2)
        {
            yield return "The two region tables differ; the first that is whole counts.";
        }
    }
}
