using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Vhdx.Structures;
using VMSeed.Disks.Mapping;

namespace VMSeed.Disks.Formats.Vhdx;

/// <summary>An open VHDX.</summary>
internal sealed class VhdxImage : DiskImage
{
    private readonly BlockDevice _file;
    private readonly VhdxHeaders _headers;
#pragma warning disable CA2213 // The disk's, which is closed by the base.
    private readonly VhdxMap _map;
#pragma warning restore CA2213
    private readonly VhdxContents _contents;
    private readonly VhdxSession? _session;
    private readonly OpenedParent? _parent;
    private volatile DiskInfo _info;

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
        (_file, _headers, _contents, _session) = (request.File, headers, contents, session);
        _parent = parent;
        var tables = new TablePages(request.File, request.Options.TableCacheSize);
        _map = new VhdxMap(
            request.File,
            contents,
            tables,
            session,
            parent?.Disk.Length ?? 0,
            request.Options.LeaveOpen);
        Disk = session is null
            ? new MappedDisk(_map, parent?.Disk)
            : new WritableDisk(_map, parent?.Disk, session.Space.Epochs);
        _info = new DiskInfo
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

    public override DiskInfo Info => _info;

    public override DiskIdentity Identity =>
        new(_contents.DiskId, _session?.DataWriteId ?? _headers.Current.DataWriteId)
        {
            SectorSize = _contents.Geometry.SectorSize,
        };

    /// <inheritdoc/>
    /// <remarks>Of a disk that nobody writes to meanwhile.</remarks>
    public override async ValueTask<CheckReport> CheckAsync(
        bool repair, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var tally = new CheckTally();
        if (repair && Disk is WritableDisk disk)
        {
            await disk.RunAloneAsync(() => MendAsync(tally, progress, cancellationToken))
                .ConfigureAwait(false);
            return tally.Report();
        }

        if (Info.IsUnclean && !Disk.CanWrite)
        {
            tally.Error("The image was not closed; its log is replayed in memory only.");
        }

        await Disk.FlushAsync(cancellationToken).ConfigureAwait(false);
        await new VhdxCheck(_file, _contents, _map.Geometry, tally)
            .RunAsync(_session?.Headers ?? _headers, progress, cancellationToken)
            .ConfigureAwait(false);
        return tally.Report();
    }

    public override async ValueTask SetParentAsync(
        string? name,
        DiskFormat? format,
        DiskIdentity identity,
        CancellationToken cancellationToken)
    {
        if (_contents.Parent is not { } locator || string.IsNullOrEmpty(name))
        {
            throw DiskFormatException.Unsupported(
                $"A {_info.Variant} VHDX cannot come to lie over the parent '{name}' in place: "
                + "only a differencing one can, and over one that has a name. Make the image "
                + "anew instead.");
        }

        locator = format is null
            ? locator.WithName(name)
            : VhdxParentLocator.New(identity.ContentId, name);
        await ((WritableDisk)Disk).RunAloneAsync(
            () => _map.SetParentAsync(locator, cancellationToken), repairs: false)
            .ConfigureAwait(false);
        _info = _info with { ParentName = locator.Name };
    }

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

    private async ValueTask MendAsync(
        CheckTally tally, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var check = new VhdxCheck(_file, _contents, _map.Geometry, tally);
        int mended = await check.RunAsync(_session!.Headers, progress, cancellationToken)
            .ConfigureAwait(false);
        await _map.MendAsync(check.Mendable, cancellationToken).ConfigureAwait(false);
        tally.Repaired += mended + check.Mendable.Count;
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
