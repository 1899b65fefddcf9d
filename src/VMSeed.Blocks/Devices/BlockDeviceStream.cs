using System.Runtime.CompilerServices;

namespace VMSeed.Blocks.Devices;

/// <summary>The thin shell that gives a device a position.</summary>
/// <remarks>
/// Nothing is buffered, so that any number of streams on one device see each other's writes; as
/// with every stream, one is used by one caller at a time. Where a device can only be awaited and
/// Stream wants the answer now (writing, flushing, closing), the calling thread waits: the devices
/// of this library resume on the thread pool and never on the caller's context, so that a thread is
/// held and nothing locks up. That is done in <see cref="StreamEdge"/> and nowhere else.
/// </remarks>
internal sealed class BlockDeviceStream(BlockDevice device, bool leaveOpen) : Stream
{
    private long _position;
    private bool _closed;
    private int _lastCount;
    private Task<int> _lastRead = Task.FromResult(0);

    public override bool CanRead => !_closed;

    public override bool CanSeek => !_closed;

    public override bool CanWrite => !_closed && device.CanWrite;

    public override long Length
    {
        get
        {
            CheckOpen();
            return device.Length;
        }
    }

    public override long Position
    {
        get
        {
            CheckOpen();
            return _position;
        }

        set
        {
            CheckOpen();
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _position = value;
        }
    }

    public override long Seek(long offset, SeekOrigin origin)
    {
        CheckOpen();
        long start = origin switch
        {
            SeekOrigin.Begin => 0,
            SeekOrigin.Current => _position,
            SeekOrigin.End => device.Length,
            _ => throw new ArgumentException($"{origin} is no place to seek from.", nameof(origin)),
        };
        long target = unchecked(start + offset);
        return target >= 0
            ? _position = target
            : throw new IOException($"No position lies {offset} bytes from {start}.");
    }

    public override int Read(Span<byte> buffer)
    {
        CheckOpen();
        int count = Available(buffer.Length);
        if (count > 0)
        {
            device.Read(_position, buffer[..count]);
            _position += count;
        }

        return count;
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    public override int ReadByte()
    {
        byte value = 0;
        return Read(new Span<byte>(ref value)) == 1 ? value : -1;
    }

    public override ValueTask<int> ReadAsync(
        Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        CheckOpen();
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<int>(cancellationToken);
        }

        int count = Available(buffer.Length);
        if (count == 0)
        {
            return new(0);
        }

        ValueTask read = device.ReadAsync(_position, buffer[..count], cancellationToken);
        if (!read.IsCompletedSuccessfully)
        {
            return FinishReadAsync(read, count);
        }

        StreamEdge.Wait(read);
        _position += count;
        return new(count);
    }

    public override Task<int> ReadAsync(
        byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        ValueTask<int> read = ReadAsync(buffer.AsMemory(offset, count), cancellationToken);
        return read.IsCompletedSuccessfully ? Completed(StreamEdge.Result(read)) : read.AsTask();
    }

    public override void CopyTo(Stream destination, int bufferSize)
    {
        ValidateCopyToArguments(destination, bufferSize);
        CheckOpen();
        StreamEdge.Copy(this, destination, bufferSize);
    }

    public override Task CopyToAsync(
        Stream destination, int bufferSize, CancellationToken cancellationToken)
    {
        ValidateCopyToArguments(destination, bufferSize);
        CheckOpen();
        return StreamEdge.CopyAsync(this, destination, bufferSize, cancellationToken);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        CheckWritable();
        StreamEdge.Write(this, buffer);
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        StreamEdge.Wait(WriteAsync(buffer.AsMemory(offset, count)));
    }

    public override void WriteByte(byte value) => Write(new ReadOnlySpan<byte>(in value));

    public override ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        CheckWritable();
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        if (buffer.Length > device.Length - _position)
        {
            return GrowAndWriteAsync(buffer, cancellationToken);
        }

        ValueTask write = device.WriteAsync(_position, buffer, cancellationToken);
        if (!write.IsCompletedSuccessfully)
        {
            return FinishWriteAsync(write, buffer.Length);
        }

        StreamEdge.Wait(write);
        _position += buffer.Length;
        return default;
    }

    public override Task WriteAsync(
        byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override void SetLength(long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        CheckWritable();
        StreamEdge.Wait(device.SetLengthAsync(value));
        _position = Math.Min(_position, value);
    }

    // A disk's flush is a promise, so this one is: what was written is durable when it returns.
    public override void Flush()
    {
        CheckOpen();
        StreamEdge.Wait(device.FlushAsync());
    }

    public override Task FlushAsync(CancellationToken cancellationToken)
    {
        CheckOpen();
        return cancellationToken.IsCancellationRequested
            ? Task.FromCanceled(cancellationToken)
            : device.FlushAsync(cancellationToken).AsTask();
    }

    // The base class would answer these with synchronous calls on the thread pool.
    public override IAsyncResult BeginRead(
        byte[] buffer, int offset, int count, AsyncCallback? callback, object? state) =>
        TaskToAsyncResult.Begin(ReadAsync(buffer, offset, count, default), callback, state);

    public override int EndRead(IAsyncResult asyncResult) =>
        TaskToAsyncResult.End<int>(asyncResult);

    public override IAsyncResult BeginWrite(
        byte[] buffer, int offset, int count, AsyncCallback? callback, object? state) =>
        TaskToAsyncResult.Begin(WriteAsync(buffer, offset, count, default), callback, state);

    public override void EndWrite(IAsyncResult asyncResult) => TaskToAsyncResult.End(asyncResult);

    public override async ValueTask DisposeAsync()
    {
        if (!_closed && !leaveOpen)
        {
            _closed = true;
            await device.DisposeAsync().ConfigureAwait(false);
        }

        _closed = true;
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_closed && !leaveOpen)
        {
            StreamEdge.Wait(device.DisposeAsync());
        }

        _closed = true;
        base.Dispose(disposing);
    }

    // The slow halves use pooled boxes: a read that had to wait still allocates next to nothing.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> FinishReadAsync(ValueTask read, int count)
    {
        await read.ConfigureAwait(false);
        _position += count;
        return count;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask FinishWriteAsync(ValueTask write, int count)
    {
        await write.ConfigureAwait(false);
        _position += count;
    }

    private async ValueTask GrowAndWriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        long end = _position > long.MaxValue - buffer.Length
            ? throw new IOException($"{buffer.Length} bytes at {_position} have no place.")
            : _position + buffer.Length;
        try
        {
            await device.GrowAsync(end, cancellationToken).ConfigureAwait(false);
        }
        catch (NotSupportedException fixedSize)
        {
            throw new IOException(
                $"{buffer.Length} bytes at {_position} do not fit: "
                + $"{device} ends at {device.Length} and cannot grow.",
                fixedSize);
        }

        await device.WriteAsync(_position, buffer, cancellationToken).ConfigureAwait(false);
        _position = end;
    }

    // Readers ask for the same count again and again; the task that says so can be the same.
    private Task<int> Completed(int count)
    {
        if (count != _lastCount)
        {
            _lastRead = Task.FromResult(count);
            _lastCount = count;
        }

        return _lastRead;
    }

    private int Available(int wanted) =>
        (int)Math.Clamp(device.Length - _position, 0, wanted);

    private void CheckOpen() => ObjectDisposedException.ThrowIf(_closed, this);

    private void CheckWritable()
    {
        CheckOpen();
        if (!device.CanWrite)
        {
            throw new NotSupportedException($"{device} cannot be written.");
        }
    }
}
