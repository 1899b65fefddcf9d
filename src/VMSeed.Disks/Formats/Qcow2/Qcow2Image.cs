using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Qcow2.Checking;
using VMSeed.Disks.Formats.Qcow2.Header;
using VMSeed.Disks.Formats.Qcow2.Snapshots;
using VMSeed.Disks.Formats.Qcow2.Tables;
using VMSeed.Disks.Formats.Qcow2.Writing;
using VMSeed.Disks.Mapping;

namespace VMSeed.Disks.Formats.Qcow2;

/// <summary>An open qcow2.</summary>
internal sealed class Qcow2Image : DiskImage
{
    private const ulong RawDataAutoclear = 2;

    private readonly Qcow2Files _files;
    private volatile DiskInfo _info;
    private readonly Func<bool, IProgress<double>?, CancellationToken, ValueTask<CheckReport>>
        _check;

    /// <summary>An image over its files.</summary>
    /// <param name="request">How it is opened.</param>
    /// <param name="files">The files, with the header of the disk that is shown.</param>
    /// <param name="header">The image's own header; another where a snapshot is shown.</param>
    /// <param name="snapshots">The snapshots that it holds.</param>
    /// <param name="parent">What lies below, which becomes the image's; null: zeros.</param>
    public Qcow2Image(
        OpenRequest request,
        Qcow2Files files,
        Qcow2Header header,
        Qcow2Snapshots snapshots,
        OpenedParent? parent)
    {
        _files = files;
        DiskInfo info = header.Describe();
        _info = info with
        {
            Snapshots = snapshots.Descriptions,
            Warnings = snapshots.Fault is { } fault ? [.. info.Warnings, fault] : info.Warnings,
        };
        var map = new Qcow2Map(files, parent, request.Options.LeaveOpen);
        Disk = request.CanWrite
            ? new WritableDisk(map, parent?.Disk, map.Epochs)
            : new MappedDisk(map, parent?.Disk);

        // What a snapshot does not use is still used: only the whole image can be checked.
        _check = files.Header == header ? map.CheckAsync : (_, progress, cancellationToken) =>
            new Qcow2Check(
                new Qcow2Files(files.File, files.Data, files.Tables, header),
                repair: null,
                commit: null).RunAsync(progress, cancellationToken);
    }

    public override BlockDevice Disk { get; }

    public override DiskInfo Info => _info;

    public override async ValueTask<CheckReport> CheckAsync(
        bool repair, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        if (Disk is not WritableDisk disk)
        {
            return await _check(false, progress, cancellationToken).ConfigureAwait(false);
        }

        // A repair is not the beginning of a session: that has more to see to than refcounts.
        CheckReport? report = null;
        await disk.RunAloneAsync(
            async () => report = await _check(repair, progress, cancellationToken)
                .ConfigureAwait(false),
            repairs: false).ConfigureAwait(false);
        return report!;
    }

    public override async ValueTask SetParentAsync(
        string? name,
        DiskFormat? format,
        DiskIdentity identity,
        CancellationToken cancellationToken)
    {
        name = string.IsNullOrEmpty(name) ? null : name;
        if (name is not null && (_files.Header.Autoclear & RawDataAutoclear) != 0)
        {
            throw DiskFormatException.Unsupported(
                "The qcow2 says that its data file is the whole disk by itself; it cannot lie over "
                + "a parent.");
        }

        string? word = format is { } known ? Qcow2Parent.WordOf(known) : null;
        await ((WritableDisk)Disk).RunAloneAsync(
            () => new Qcow2ParentWriter(_files.File, _files.Header)
                .WriteAsync(name, word, cancellationToken),
            repairs: false).ConfigureAwait(false);
        _info = _info with { ParentName = name };
    }
}
