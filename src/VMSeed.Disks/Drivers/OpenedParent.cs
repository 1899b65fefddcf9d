using VMSeed.Blocks;

namespace VMSeed.Disks.Drivers;

/// <summary>A parent that has been opened.</summary>
/// <param name="Disk">Its disk.</param>
/// <param name="Identity">What the child may compare; null when the caller gave the parent itself,
/// and so vouches for it.</param>
/// <param name="IsOwned">Whether whoever opened it closes it.</param>
internal sealed record OpenedParent(BlockDevice Disk, DiskIdentity? Identity, bool IsOwned)
    : IAsyncDisposable
{
    /// <summary>The parent's format; null where the caller gave the parent itself.</summary>
    public DiskFormat? Format { get; init; }

    public ValueTask DisposeAsync() => IsOwned ? Disk.DisposeAsync() : default;
}
