using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using static VMSeed.Disks.Formats.Cloop.CloopConstants;

namespace VMSeed.Disks.Formats.Cloop;

/// <summary>The image of the compressed loop device, and of FreeBSD's geom_uzip.</summary>
internal sealed class CloopDriver : FormatDriver
{
    public override DiskFormat Format => DiskFormat.Cloop;

    // Version 0.68 and older are recognized to be refused: as raw disks they would be noise.
    public override bool Recognizes(ProbeWindow window) =>
        (window.Has(0, "#!/bin/sh\n"u8)
            && (CloopVersion.Find(window.Head) is not null
                || window.Head.AsSpan(0, Math.Min(PreambleLength, window.Head.Length))
                    .IndexOf("cloop.o file="u8) >= 0))
        || (window.EndsWith(HeaderLength, "#!/bin/sh\n"u8)
            && CloopVersion.Find(window.Tail.AsSpan(window.Tail.Length - HeaderLength))
                is { HasCodecs: true });

    public override async ValueTask<DiskImage> OpenAsync(
        OpenRequest request, CancellationToken cancellationToken)
    {
        if (request.CanWrite)
        {
            throw DiskFormatException.Unsupported(
                "Cloop images are read only; convert the image to write to it.");
        }

        CloopHeader header = await CloopHeader.ReadAsync(request.File, cancellationToken)
            .ConfigureAwait(false);
        CloopIndex index = await CloopIndex
            .OpenAsync(request.File, header, request.Options.TableCacheSize, cancellationToken)
            .ConfigureAwait(false);
        return new CloopImage(request, header, index);
    }
}
