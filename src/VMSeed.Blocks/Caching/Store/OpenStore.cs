using VMSeed.Blocks.Caching.Layout;
using VMSeed.Blocks.Caching.Sharing;

namespace VMSeed.Blocks.Caching.Store;

/// <summary>A store that has been opened: what everybody who reads or changes it works
/// with.</summary>
/// <param name="device">Where it lies.</param>
/// <param name="superblock">What it says of itself.</param>
/// <param name="storeLock">Its locks.</param>
/// <param name="guards">Its generations.</param>
/// <param name="access">What this process may do with it.</param>
internal sealed class OpenStore(
    BlockDevice device,
    Superblock superblock,
    StoreLock storeLock,
    Guards guards,
    StoreAccess access)
{
    private volatile Superblock _superblock = superblock;

    /// <summary>Where it lies.</summary>
    public BlockDevice Device => device;

    /// <summary>What it says of itself; another when its directory has grown.</summary>
    public Superblock Superblock
    {
        get => _superblock;
        set => _superblock = value;
    }

    /// <summary>Where things lie.</summary>
    public StoreGeometry Geometry => _superblock.Geometry;

    /// <summary>What the entries' checksums begin with.</summary>
    public uint Salt { get; } = superblock.Salt;

    /// <summary>Its locks.</summary>
    public StoreLock Lock => storeLock;

    /// <summary>Its generations.</summary>
    public Guards Guards => guards;

    /// <summary>What this process may do with it.</summary>
    public StoreAccess Access => access;

    /// <summary>Whether the device is closed with the store.</summary>
    public bool OwnsDevice { get; init; }

    /// <summary>The name of the shared memory; empty when there is none.</summary>
    public Guid SharedName { get; init; }
}
