using VMSeed.Blocks;
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
        uint next = (uint)header.Allocated;
        if (request.CanWrite)
        {
            next = Math.Max(next, await VdiSurvey.NextBlockAsync(header, tables, cancellationToken)
                .ConfigureAwait(false));
        }

        return new VdiImage(request, header, tables, next);
    }

    public override async ValueTask CreateAsync(
        CreateRequest request, CancellationToken cancellationToken)
    {
        VdiHeader header = VdiLayout.New(request.Options);
        BlockDevice file = request.File;
        await file.SetLengthAsync(header.DataOffset, cancellationToken).ConfigureAwait(false);
        await file.WriteAsync(0, header.ToBytes(), cancellationToken).ConfigureAwait(false);
        byte[] entries = new byte[64 * 1024];
        Array.Fill(entries, (byte)0xFF);
        for (long at = header.MapOffset; at < header.DataOffset; at += entries.Length)
        {
            int count = (int)Math.Min(entries.Length, header.DataOffset - at);
            await file.WriteAsync(at, entries.AsMemory(0, count), cancellationToken)
                .ConfigureAwait(false);
        }

        await file.FlushAsync(cancellationToken).ConfigureAwait(false);
    }
}
