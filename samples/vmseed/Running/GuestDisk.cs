using VMSeed.Blocks;
using VMSeed.Blocks.Overlay;

namespace VMSeed.Tool.Running;

/// <summary>What a guest reads and writes: an overlay over an image, whose reads may be
/// noted.</summary>
internal sealed class GuestDisk : IAsyncDisposable
{
    private readonly TouchedDisk? _touched;

    private GuestDisk(OverlayDisk disk, TouchedDisk? touched) => (Disk, _touched) = (disk, touched);

    public OverlayDisk Disk { get; }

    /// <summary>Opens it.</summary>
    /// <param name="image">The image, which the caller closes afterwards.</param>
    /// <param name="overlay">The overlay's file.</param>
    /// <param name="log">Where first reads are noted; null for nowhere.</param>
    /// <param name="cancellationToken">Gives the opening up.</param>
    public static async Task<GuestDisk> OpenAsync(
        BlockDevice image, string overlay, TouchLog? log, CancellationToken cancellationToken)
    {
        TouchedDisk? touched = log is null ? null : new TouchedDisk(image);
        GuestDisk disk = new(
            await OverlayDisk.OpenAsync(
                touched ?? image, overlay, cancellationToken: cancellationToken),
            touched);
        if (touched is not null)
        {
            // What the opening read to know its base is none of the guest's.
            touched.Log = log;
        }

        return disk;
    }

    public async ValueTask DisposeAsync()
    {
        await Disk.DisposeAsync();
        await (_touched?.DisposeAsync() ?? default);
    }
}
