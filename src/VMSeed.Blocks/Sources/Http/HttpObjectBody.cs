using System.Buffers;
using System.Runtime.CompilerServices;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Sources.Http;

/// <summary>The asked range out of an answer's body.</summary>
/// <param name="reader">The body; disposed of with this.</param>
/// <param name="skip">Bytes of the body that lie before the range.</param>
/// <param name="length">The range's length in bytes.</param>
/// <param name="isWhole">Whether the body goes on after the range, because it is the whole
/// object.</param>
/// <param name="verdict">Where a handler wishes to hear whether the content was right.</param>
internal sealed class HttpObjectBody(
    HttpBodyReader reader, long skip, int length, bool isWhole, Action<long, bool>? verdict)
    : ObjectBody
{
    /// <summary>Large enough that a skipped pack costs few reads, and from the pool.</summary>
    private const int SkipBuffer = 64 * 1024;

    // What lands here is counted and never read, so all bodies share it.
    private static readonly byte[] Probe = new byte[1];

    private long _skip = skip;
    private int _filled;

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask FillAsync(
        Memory<byte> buffer, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(buffer.Length, length - _filled);
        if (_skip > 0)
        {
            await SkipAsync(cancellationToken).ConfigureAwait(false);
        }

        while (buffer.Length > 0)
        {
            int count = await reader.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            CheckNotEnded(count);
            _filled += count;
            buffer = buffer[count..];
        }

        if (_filled == length && !isWhole)
        {
            await CheckEndAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public override void Judge(bool isRight) => verdict?.Invoke(_filled, isRight);

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        reader.Dispose();
        return default;
    }

    private async ValueTask SkipAsync(CancellationToken cancellationToken)
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent(SkipBuffer);
        while (_skip > 0)
        {
            Memory<byte> part = rented.AsMemory(0, (int)Math.Min(_skip, rented.Length));
            int count = await reader.ReadAsync(part, cancellationToken).ConfigureAwait(false);
            CheckNotEnded(count);
            _skip -= count;
        }

        // Not given back after a failure: a read that was abandoned may still write into it.
        ArrayPool<byte>.Shared.Return(rented);
    }

    private void CheckNotEnded(int count)
    {
        if (count == 0)
        {
            throw reader.Attempt.Failure(
                FailureReason.Unavailable, $"ended after {_filled} of {length} bytes");
        }
    }

    // A body without a length ends where it says so; reading that end frees its connection too.
    private async ValueTask CheckEndAsync(CancellationToken cancellationToken)
    {
        if (await reader.ReadAsync(Probe, cancellationToken).ConfigureAwait(false) > 0)
        {
            throw reader.Attempt.Failure(
                FailureReason.Refused, $"sent more than the {length} bytes that were asked for");
        }
    }
}
