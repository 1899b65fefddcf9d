using VMSeed.Disks.Drivers;

namespace VMSeed.Disks.Formats.Raw;

/// <summary>The disk's bytes and nothing else. Recognizes everything.</summary>
internal sealed class RawDriver : FormatDriver
{
    public override DiskFormat Format => DiskFormat.Raw;

    public override bool Recognizes(ProbeWindow window) => true;

    public override ValueTask<DiskImage> OpenAsync(
        OpenRequest request, CancellationToken cancellationToken) =>
        new(new RawImage(request));

    public override async ValueTask CreateAsync(
        CreateRequest request, CancellationToken cancellationToken)
    {
        await request.File.SetLengthAsync(request.Options.Length, cancellationToken)
            .ConfigureAwait(false);
        await request.File.FlushAsync(cancellationToken).ConfigureAwait(false);
    }
}
