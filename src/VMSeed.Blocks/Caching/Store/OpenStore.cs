using VMSeed.Blocks.Caching.Layout;
using VMSeed.Blocks.Caching.Sharing;

namespace VMSeed.Blocks.Caching.Store;

/// <summary>A store that has been opened: what everybody who reads or changes it works
/// with.</summary>
/// <param name="Device">Where it lies.</param>
/// <param name="Superblock">What it says of itself.</param>
/// <param name="Lock">Its locks.</param>
/// <param name="Guards">Its generations.</param>
/// <param name="Access">What this process may do with it.</param>
internal sealed record OpenStore(
    BlockDevice Device, Superblock Superblock, StoreLock Lock, Guards Guards, StoreAccess Access)
{
    /// <summary>Where things lie.</summary>
    public StoreGeometry Geometry => Superblock.Geometry;

    /// <summary>What the entries' checksums begin with.</summary>
    public uint Salt { get; } = Superblock.Salt;

    /// <summary>Whether the device is closed with the store.</summary>
    public bool OwnsDevice { get; init; }

    /// <summary>The name of the shared memory; empty when there is none.</summary>
    public Guid SharedName { get; init; }
}
