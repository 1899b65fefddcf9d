using VMSeed.Blocks.Overlay;
using VMSeed.Tool.Images;

namespace VMSeed.Tool.Running;

/// <summary>What a guest reads and writes: an overlay over an image, whose reads are
/// watched.</summary>
internal sealed class GuestDisk : IAsyncDisposable
{
    private readonly WatchedDisk _image;

    private GuestDisk(OverlayDisk disk, WatchedDisk image) => (Disk, _image) = (disk, image);

    public OverlayDisk Disk { get; }

    /// <summary>Why a read of the image failed last; null when none has.</summary>
    public string? Fault => _image.Fault;

    /// <summary>Opens it.</summary>
    /// <param name="image">The image, which the caller closes afterwards.</param>
    /// <param name="overlay">The overlay's file.</param>
    /// <param name="log">Where first reads are noted; null for nowhere.</param>
    /// <param name="cancellationToken">Gives the opening up.</param>
    public static async Task<GuestDisk> OpenAsync(
        OpenedImage image, string overlay, TouchLog? log, CancellationToken cancellationToken)
    {
        WatchedDisk watched = new(image.Disk);
        OverlayDisk disk = await OverlayDisk.OpenAsync(
            watched, overlay, image.Describe(new OverlayOptions()), cancellationToken);

        // Now: what the opening read to know its base is none of the guest's.
        watched.Log = log;
        return new GuestDisk(disk, watched);
    }

    public async ValueTask DisposeAsync()
    {
        await Disk.DisposeAsync();
        await _image.DisposeAsync();
    }
}
