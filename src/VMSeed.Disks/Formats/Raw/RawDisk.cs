using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Disks.Formats.Raw;

/// <summary>A file as a disk: its own bytes, its own map.</summary>
/// <param name="file">The file.</param>
/// <param name="canWrite">Whether it is open to be written; the file itself may allow more.</param>
/// <param name="leaveOpen">Whether the file stays open.</param>
internal sealed class RawDisk(BlockDevice file, bool canWrite, bool leaveOpen) : BlockDevice
{
    /// <inheritdoc/>
    public override long Length => file.Length;

    /// <inheritdoc/>
    public override bool CanWrite => canWrite && file.CanWrite;

    /// <inheritdoc/>
    public override ValueTask FlushAsync(CancellationToken cancellationToken = default) =>
        file.FlushAsync(cancellationToken);

    /// <inheritdoc/>
    public override ValueTask SetLengthAsync(
        long length, CancellationToken cancellationToken = default) =>
        CanWrite
            ? file.SetLengthAsync(length, cancellationToken)
            : base.SetLengthAsync(length, cancellationToken);

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (CanWrite)
        {
            await file.FlushAsync().ConfigureAwait(false);
        }

        if (!leaveOpen)
        {
            await file.DisposeAsync().ConfigureAwait(false);
        }

        await base.DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override ValueTask ReadCoreAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        file.ReadAsync(offset, buffer, cancellationToken);

    /// <inheritdoc/>
    protected override void ReadCore(long offset, Span<byte> buffer) =>
        file.Read(offset, buffer);

    /// <inheritdoc/>
    protected override ValueTask WriteCoreAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        file.WriteAsync(offset, data, cancellationToken);

    /// <inheritdoc/>
    protected override ValueTask ZeroCoreAsync(
        long offset, long length, CancellationToken cancellationToken) =>
        file.ZeroAsync(offset, length, cancellationToken);

    /// <inheritdoc/>
    protected override ValueTask TrimCoreAsync(
        long offset, long length, CancellationToken cancellationToken) =>
        file.TrimAsync(offset, length, cancellationToken);

    /// <inheritdoc/>
    protected override ValueTask<Extent> MapCoreAsync(
        long offset, long length, CancellationToken cancellationToken) =>
        file.MapAsync(offset, length, cancellationToken);
}
