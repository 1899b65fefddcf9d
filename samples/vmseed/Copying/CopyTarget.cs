using VMSeed.Blocks;
using VMSeed.Disks.Converting;

namespace VMSeed.Tool.Copying;

/// <summary>Where a range of a disk goes.</summary>
internal abstract class CopyTarget : IAsyncDisposable
{
    /// <summary>Copies; what was written becomes visible under its name when all of it
    /// is.</summary>
    public abstract Task FillAsync(
        BlockDevice source,
        DiskCopyOptions options,
        IProgress<CopyProgress> progress,
        CancellationToken cancellationToken);

    public virtual ValueTask DisposeAsync() => default;
}
