using System.Runtime.CompilerServices;
using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Sources;

/// <summary>A range of a local file.</summary>
/// <param name="file">The file; closed with this.</param>
/// <param name="offset">Where the range begins, in bytes.</param>
/// <param name="length">The range's length in bytes.</param>
internal sealed class FolderObjectBody(FileBlockDevice file, long offset, int length) : ObjectBody
{
    private int _filled;

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask FillAsync(
        Memory<byte> buffer, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(buffer.Length, length - _filled);
        try
        {
            await file.ReadAsync(offset + _filled, buffer, cancellationToken).ConfigureAwait(false);
            _filled += buffer.Length;
        }
        catch (EndOfStreamException e)
        {
            throw new BlockIOException(
                FailureReason.Corrupt, $"{file} was cut while it was read: {e.Message}", e);
        }
        catch (IOException e)
        {
            throw new BlockIOException(
                FailureReason.Unavailable, $"{file} cannot be read: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => file.DisposeAsync();
}
