using VMSeed.Blocks;

namespace VMSeed.Disks.Access;

/// <summary>Files of another resolver, and whether an image has asked for any.</summary>
internal sealed class WatchedFiles(FileResolver files) : FileResolver
{
    /// <summary>Whether the image is more than its one file.</summary>
    internal bool WereAsked { get; private set; }

    /// <inheritdoc/>
    public override ValueTask<ResolvedFile> OpenAsync(
        string name, FileAccess access, CancellationToken cancellationToken = default)
    {
        WereAsked = true;
        return files.OpenAsync(name, access, cancellationToken);
    }

    /// <inheritdoc/>
    public override ValueTask<BlockDevice> CreateAsync(
        string name, CancellationToken cancellationToken = default) =>
        files.CreateAsync(name, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask ReplaceAsync(
        string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
        files.ReplaceAsync(name, content, cancellationToken);
}
