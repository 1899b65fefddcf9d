using VMSeed.Blocks;
using VMSeed.Blocks.Diagnostics;
using VMSeed.Blocks.Overlay;
using VMSeed.Disks;
using VMSeed.Tool.Mirrors;

namespace VMSeed.Tool.Images;

/// <summary>An image that a verb reads, whatever it is.</summary>
/// <param name="Disk">The disk in it.</param>
/// <param name="Title">What it is called in messages.</param>
internal sealed record OpenedImage(BlockDevice Disk, string Title) : IAsyncDisposable
{
    /// <summary>What came over the network; null for what is local.</summary>
    public Func<DiskStatistics>? Statistics { get; init; }

    /// <summary>What the image is read through; null for what has no mirrors.</summary>
    public MirrorClient? Client { get; init; }

    /// <summary>Where a local image is, whole; null for others.</summary>
    public string? Path { get; init; }

    /// <summary>The image below, where <see cref="Disk"/> is an overlay of it.</summary>
    public OpenedImage? Base { get; init; }

    public DiskFormat? Format => (Disk as VirtualDisk)?.Info.Format;

    /// <summary>Adds what an overlay remembers of this image where the image itself does not
    /// say.</summary>
    public OverlayOptions Describe(OverlayOptions options) =>
        options with { BaseName = Title, BaseAddress = Path };

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Disk.DisposeAsync();
        }
        finally
        {
            if (Base is not null)
            {
                await Base.DisposeAsync();
            }
            else
            {
                Client?.Dispose();
            }
        }
    }
}
