using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Disks.Access;

// A growing image keeps its tables behind its data with flushes, so that it is whole whenever the
// power goes. A file that is removed unless it becomes whole needs none of them but the last: with
// all of them a conversion waits for the disk several times, with one it waits as long as a copy
// does, and less where most of the data is on its way by then (EarlyFlush).

/// <summary>A file that nobody relies on before it is closed: whoever writes it waits for no flush
/// but the one of its closing.</summary>
/// <param name="file">The file; closed with this.</param>
/// <param name="owner">Knows whether it is worth a flush.</param>
internal sealed class NewFile(BlockDevice file, NewFiles owner) : BlockDevice
{
    private readonly EarlyFlush _early = new(file);
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
                await _early.EndAsync().ConfigureAwait(false);
                await file.FlushAsync().ConfigureAwait(false);
            }
            else
            {
                // The file goes, and the flush's failure, if any, is not why.
                await _early.EndAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
    protected override async ValueTask WriteCoreAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        await file.WriteAsync(offset, data, cancellationToken).ConfigureAwait(false);
        _early.Wrote(data.Length);
    }

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
