using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Parallels.Bundles;
using static VMSeed.Disks.Formats.Parallels.ParallelsConstants;

namespace VMSeed.Disks.Formats.Parallels;

/// <summary>Parallels' expandable image.</summary>
internal sealed class ParallelsDriver : FormatDriver
{
    public override DiskFormat Format => DiskFormat.Parallels;

    private static ReadOnlySpan<byte> Blank => [0xEF, 0xBB, 0xBF, (byte)' ', 9, 10, 13];

    public override string? FolderFile => BundleConstants.DescriptorName;

    public override bool IsFolder(VirtualDiskCreateOptions options) =>
        options.Variant?.StartsWith("bundle", StringComparison.Ordinal) ?? false;

    // A descriptor is known by its root, for it has no mark at a place of its own.
    public override bool Recognizes(ProbeWindow window) =>
        ParallelsHeader.IsMagic(window.Head)
        || (window.Head.AsSpan().TrimStart(Blank).StartsWith("<"u8)
            && window.Head.AsSpan().IndexOf("<Parallels_disk_image"u8) >= 0);

    public override async ValueTask<DiskImage> OpenAsync(
        OpenRequest request, CancellationToken cancellationToken)
    {
        byte[] head = new byte[Math.Min(Magic1.Length, request.File.Length)];
        await request.File.ReadAsync(0, head, cancellationToken).ConfigureAwait(false);
        return ParallelsHeader.IsMagic(head) || !head.AsSpan().Contains((byte)'<')
            ? new ParallelsImage(await ParallelsFile.OpenAsync(
                request.File,
                request.Options.Parent,
                request.Options,
                request.CanWrite,
                cancellationToken).ConfigureAwait(false))
            : await BundleOpener.OpenAsync(request, cancellationToken).ConfigureAwait(false);
    }

    public override ValueTask CreateAsync(
        CreateRequest request, CancellationToken cancellationToken)
    {
        VirtualDiskCreateOptions options = request.Options;
        int generation = options.Variant switch
        {
            null or "bundle" => 0,
            "v1" or "bundle-v1" => 1,
            "v2" or "bundle-v2" => 2,
            _ => throw DiskFormatException.Unsupported(
                $"'{options.Variant}' is no variant of Parallels images: v1, v2, bundle, bundle-v1 "
                + "and bundle-v2 are."),
        };
        if (IsFolder(options))
        {
            return BundleCreator.CreateAsync(request, generation, cancellationToken);
        }

        if (options.Parent is not null)
        {
            throw DiskFormatException.Unsupported(
                "A single Parallels image has no parent; the variant 'bundle' has.");
        }

        ParallelsHeader header = ParallelsLayout.New(
            options.Length, options.BlockSize ?? DefaultClusterSize, generation);
        return ParallelsFile.CreateAsync(request.File, header, cancellationToken);
    }
}
