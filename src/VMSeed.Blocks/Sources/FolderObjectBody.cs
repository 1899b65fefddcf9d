using Microsoft.Win32.SafeHandles;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Sources;

/// <summary>A range of a local file.</summary>
/// <param name="file">The file; closed with this.</param>
/// <param name="name">Its path, for messages.</param>
/// <param name="offset">Where the range begins, in bytes.</param>
/// <param name="length">The range's length in bytes.</param>
internal sealed class FolderObjectBody(SafeFileHandle file, string name, long offset, int length)
    : ObjectBody
{
    private int _filled;

    /// <inheritdoc/>
    public override async ValueTask FillAsync(
        Memory<byte> buffer, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(buffer.Length, length - _filled);
        while (buffer.Length > 0)
        {
            int count = await ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (count == 0)
            {
                throw new BlockIOException(
                    FailureReason.Corrupt, $"{name} was cut to {offset + _filled} bytes in mid-read.");
            }

            _filled += count;
            buffer = buffer[count..];
        }
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        file.Dispose();
        return default;
    }

    private async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await RandomAccess.ReadAsync(file, buffer, offset + _filled, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new BlockIOException(
                FailureReason.Unavailable, $"{name} cannot be read: {e.Message.TrimEnd('.')}.", e);
        }
    }
}
