using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Qcow2.Creating;
using VMSeed.Disks.Formats.Qcow2.Header;
using VMSeed.Disks.Formats.Qcow2.Snapshots;
using VMSeed.Disks.Formats.Qcow2.Tables;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Qcow2.Qcow2Constants;

namespace VMSeed.Disks.Formats.Qcow2;

/// <summary>QEMU's format, versions 2 and 3.</summary>
internal sealed class Qcow2Driver : FormatDriver
{
    public override DiskFormat Format => DiskFormat.Qcow2;

    // Version 1 has the same magic and is another format.
    public override bool Recognizes(ProbeWindow window) =>
        window.Has(0, Magic) && !window.Has(4, [0, 0, 0, 1]);

    public override bool HasSnapshots => true;

    public override async ValueTask<DiskImage> OpenAsync(
        OpenRequest request, CancellationToken cancellationToken)
    {
        Qcow2Header header = await Qcow2HeaderReader.ReadAsync(request.File, cancellationToken)
            .ConfigureAwait(false);
        Qcow2Snapshots snapshots = await Qcow2Snapshots
            .ReadAsync(request.File, header, cancellationToken).ConfigureAwait(false);
        Qcow2Header shown = request.Options.Snapshot is { } wanted
            ? snapshots.Find(wanted).ApplyTo(header, request.File.Length)
            : header;
        BlockDevice? data = await OpenDataAsync(request, header, cancellationToken)
            .ConfigureAwait(false);
        try
        {
            OpenedParent? parent = await Qcow2Parent
                .OpenAsync(request, header.Extensions, cancellationToken).ConfigureAwait(false);
            var files = new Qcow2Files(
                request.File,
                data ?? request.File,
                new TablePages(request.File, request.Options.TableCacheSize),
                shown);
            return new Qcow2Image(request, files, header, snapshots, parent);
        }
        catch when (data is not null)
        {
            await data.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public override ValueTask CreateAsync(
        CreateRequest request, CancellationToken cancellationToken) =>
        Qcow2Creator.CreateAsync(request, cancellationToken);

    public override bool IsWrittenForwards(VirtualDiskCreateOptions options) =>
        options.Compress && options.Parent is null;

    public override ForwardWriter CreateWriter(Stream target, VirtualDiskCreateOptions options) =>
        Qcow2PackWriter.Begin(target, options);

    private static async ValueTask<BlockDevice?> OpenDataAsync(
        OpenRequest request, Qcow2Header header, CancellationToken cancellationToken)
    {
        if (!header.HasDataFile)
        {
            return null;
        }

        string name = header.Extensions.DataFileName ?? throw new DiskFormatException(
            DiskFault.MissingFile,
            "The qcow2 has its data in another file and does not say where.");
        return (await request.Files.OpenAsync(
            name,
            request.CanWrite ? FileAccess.ReadWrite : FileAccess.Read,
            cancellationToken).ConfigureAwait(false)).Device;
    }
}
