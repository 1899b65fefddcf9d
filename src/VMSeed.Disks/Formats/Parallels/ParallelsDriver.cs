using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using static VMSeed.Disks.Formats.Parallels.ParallelsConstants;

namespace VMSeed.Disks.Formats.Parallels;

/// <summary>Parallels' expandable image.</summary>
internal sealed class ParallelsDriver : FormatDriver
{
    public override DiskFormat Format => DiskFormat.Parallels;

    public override bool Recognizes(ProbeWindow window) => ParallelsHeader.IsMagic(window.Head);

    public override async ValueTask<DiskImage> OpenAsync(
        OpenRequest request, CancellationToken cancellationToken) =>
        new ParallelsImage(await ParallelsFile.OpenAsync(
            request.File, parent: null, request.Options, request.CanWrite, cancellationToken)
            .ConfigureAwait(false));

    public override async ValueTask CreateAsync(
        CreateRequest request, CancellationToken cancellationToken)
    {
        VirtualDiskCreateOptions options = request.Options;
        int generation = options.Variant switch
        {
            null => 0,
            "v1" => 1,
            "v2" => 2,
            _ => throw DiskFormatException.Unsupported(
                $"'{options.Variant}' is no variant of Parallels images: v1 and v2 are."),
        };
        await ParallelsFile.CreateAsync(
            request.File,
            ParallelsLayout.New(
                options.Length, options.BlockSize ?? DefaultClusterSize, generation),
            cancellationToken).ConfigureAwait(false);
    }
}
