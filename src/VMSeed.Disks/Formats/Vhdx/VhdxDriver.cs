using VMSeed.Blocks;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Vhdx.Log;
using VMSeed.Disks.Formats.Vhdx.Structures;
using VMSeed.Disks.Formats.Vhdx.Tables;

namespace VMSeed.Disks.Formats.Vhdx;

/// <summary>Hyper-V's format.</summary>
internal sealed class VhdxDriver : FormatDriver
{
    public override DiskFormat Format => DiskFormat.Vhdx;

    public override bool Recognizes(ProbeWindow window) => window.Has(0, "vhdxfile"u8);

    public override async ValueTask<DiskImage> OpenAsync(
        OpenRequest request, CancellationToken cancellationToken)
    {
        BlockDevice file = request.File;
        VhdxHeaders headers = await VhdxHeaders.ReadAsync(file, cancellationToken)
            .ConfigureAwait(false);
        bool isUnclean = headers.Current.LogId != Guid.Empty;
        if (isUnclean)
        {
            // The replayed file holds nothing but memory until it is the image's.
            ReplayedFile replayed = await LogReplay
                .RunAsync(file, headers.Current, cancellationToken).ConfigureAwait(false);
            if (request.CanWrite)
            {
                await replayed.WriteThroughAsync(cancellationToken).ConfigureAwait(false);
                headers = await headers.WriteAsync(
                    file,
                    header => header with
                    {
                        LogId = Guid.Empty,
                        FileWriteId = request.Options.NewGuid(),
                    },
                    cancellationToken).ConfigureAwait(false);
            }
            else
            {
                file = replayed;
            }
        }

        VhdxContents contents = await VhdxContents
            .ReadAsync(file, headers.Current, cancellationToken).ConfigureAwait(false);
        VhdxSession? session = request.CanWrite
            ? await BeginAsync(request, headers, contents, cancellationToken).ConfigureAwait(false)
            : null;
        OpenedParent? parent = await VhdxParent.OpenAsync(request, contents, cancellationToken)
            .ConfigureAwait(false);
        return new VhdxImage(
            request with { File = file }, headers, contents, session, parent, isUnclean);
    }

    public override ValueTask CreateAsync(
        CreateRequest request, CancellationToken cancellationToken) =>
        VhdxCreator.RunAsync(request, cancellationToken);

    private static async ValueTask<VhdxSession> BeginAsync(
        OpenRequest request,
        VhdxHeaders headers,
        VhdxContents contents,
        CancellationToken cancellationToken)
    {
        UsedSpace used = await VhdxSurvey
            .TakeStockAsync(request.File, contents, cancellationToken).ConfigureAwait(false);
        return new VhdxSession(
            request.File,
            headers,
            contents.Regions.All,
            new VhdxSpace(request.File, used, contents.Geometry.BlockSize),
            request.Options.NewGuid);
    }
}
