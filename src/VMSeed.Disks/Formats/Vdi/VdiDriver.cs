using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vdi.VdiConstants;

namespace VMSeed.Disks.Formats.Vdi;

/// <summary>VirtualBox's format.</summary>
internal sealed class VdiDriver : FormatDriver
{
    public override DiskFormat Format => DiskFormat.Vdi;

    public override bool Recognizes(ProbeWindow window) =>
        window.Has(SignatureOffset, [0x7F, 0x10, 0xDA, 0xBE]);

    public override async ValueTask<DiskImage> OpenAsync(
        OpenRequest request, CancellationToken cancellationToken)
    {
        BlockDevice file = request.File;
        byte[] bytes = new byte[Math.Min(HeaderLength, file.Length)];
        await file.ReadAsync(0, bytes, cancellationToken).ConfigureAwait(false);
        var header = VdiHeader.Parse(bytes, file.Length);
        var tables = new TablePages(file, request.Options.TableCacheSize);
        var unused = new SpaceRecycler();
        VdiSpace? space = request.CanWrite
            ? await FindSpaceAsync(file, header, tables, unused, cancellationToken)
                .ConfigureAwait(false)
            : null;
        OpenedParent? parent = header.HasParent
            ? await VdiParent.OpenAsync(request, header, cancellationToken).ConfigureAwait(false)
            : null;
        var map = new VdiMap(request, header, tables, space);
        return new VdiImage(request, map, tables, unused.Epochs, parent);
    }

    public override ValueTask CreateAsync(
        CreateRequest request, CancellationToken cancellationToken) =>
        VdiCreation.CreateAsync(request, cancellationToken);

    // What contradicts itself is not written to: two blocks in one place would each overwrite the
    // other.
    private static async ValueTask<VdiSpace> FindSpaceAsync(
        BlockDevice file,
        VdiHeader header,
        TablePages tables,
        SpaceRecycler unused,
        CancellationToken cancellationToken)
    {
        VdiSurvey survey = await SurveyAsync(file, header, tables, cancellationToken)
            .ConfigureAwait(false);
        if (await VdiRecovery.CompactAsync(file, header, survey, tables, cancellationToken)
            .ConfigureAwait(false))
        {
            survey = await SurveyAsync(file, header, tables, cancellationToken)
                .ConfigureAwait(false);
        }

        return new VdiSpace(file, header, survey, unused);
    }

    private static async ValueTask<VdiSurvey> SurveyAsync(
        BlockDevice file, VdiHeader header, TablePages tables, CancellationToken cancellationToken)
    {
        CheckTally tally = new();
        VdiSurvey survey = await VdiSurvey
            .TakeAsync(header, tables, file.Length, tally, null, cancellationToken)
            .ConfigureAwait(false);
        if (tally.Report() is { ErrorCount: > 0 } report)
        {
            throw DiskFormatException.Corrupt(
                $"The VDI can be read at most, not written: {report.Errors[0]}");
        }

        return survey;
    }
}
