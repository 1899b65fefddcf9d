using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Disks.Access;

// A growing image keeps its tables behind its data with flushes, so that it is whole whenever the
// power goes. A file that is removed unless it becomes whole needs none of them but the last: with
// all of them a conversion waits for the disk several times, with one it waits as long as a copy
// does.

/// <summary>A file that nobody relies on before it is closed: it is flushed once, then.</summary>
/// <param name="file">The file; closed with this.</param>
/// <param name="owner">Knows whether it is worth a flush.</param>
internal sealed class NewFile(BlockDevice file, NewFiles owner) : BlockDevice
{
    private bool _disposed;

    /// <inheritdoc/>
    public override long Length => file.Length;

    /// <inheritdoc/>
    public override bool CanWrite => file.CanWrite;

    /// <inheritdoc/>
    public override ValueTask SetLengthAsync(
        long length, CancellationToken cancellationToken = default) =>
        file.SetLengthAsync(length, cancellationToken);

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        try
        {
            if (owner.IsWritten)
            {
                await file.FlushAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            await file.DisposeAsync().ConfigureAwait(false);
        }

        await base.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>The file's name.</summary>
    /// <returns>The name.</returns>
    public override string? ToString() => file.ToString();

    /// <inheritdoc/>
    protected override ValueTask ReadCoreAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        file.ReadAsync(offset, buffer, cancellationToken);

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
