using VMSeed.Blocks;
using VMSeed.Disks.Drivers;

namespace VMSeed.Disks.Formats.Parallels.Bundles;

/// <summary>An opened part of a bundle: its images, one over the other.</summary>
/// <param name="storage">Where the part lies.</param>
internal sealed class BundlePart(BundleStorage storage) : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _owned = [];
    private readonly List<ParallelsFile> _images = [];

    public BundleStorage Storage { get; } = storage;

    /// <summary>The uppermost disk; null before there is one.</summary>
    public BlockDevice? Disk { get; private set; }

    public bool IsUnclean => _images.Any(image => image.IsUnclean);

    /// <summary>Lays an expandable image over what there is.</summary>
    public void Add(ParallelsFile image)
    {
        _images.Add(image);
        Add(image.Disk, image);
    }

    /// <summary>Lays a disk over what there is.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="owned">What is closed with the part; null when the disk stays
    /// another's.</param>
    public void Add(BlockDevice disk, IAsyncDisposable? owned)
    {
        Disk = disk;
        if (owned is not null)
        {
            _owned.Add(owned);
        }
    }

    /// <summary>Checks every image; mends the uppermost only, for the others are open for
    /// reading.</summary>
    public async ValueTask CheckAsync(
        CheckTally tally,
        bool repair,
        IProgress<double>? progress,
        CancellationToken cancellationToken)
    {
        foreach (ParallelsFile image in _images)
        {
            await image.CheckAsync(
                tally, repair && image.Disk.CanWrite, progress, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    /// <summary>Closes the images, the uppermost first.</summary>
    public async ValueTask DisposeAsync()
    {
        for (int i = _owned.Count - 1; i >= 0; i--)
        {
            await _owned[i].DisposeAsync().ConfigureAwait(false);
        }

        _owned.Clear();
    }
}
