namespace VMSeed.Blocks.Devices;

/// <summary>The thin shell that gives a device a position.</summary>
internal sealed class BlockDeviceStream(BlockDevice device, bool leaveOpen) : Stream
{
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => device.CanWrite;

    public override long Length => device.Length;

    public override long Position { get => _position; set => _position = value; }

    public override void Flush() { }

    public override int Read(byte[] buffer, int offset, int count)
    {
        count = (int)Math.Min(count, Math.Max(0, Length - _position));
        device.Read(_position, buffer.AsSpan(offset, count));
        _position += count;
        return count;
    }

    public override long Seek(long offset, SeekOrigin origin) => _position = offset;

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (!leaveOpen) { _ = device; }
        base.Dispose(disposing);
    }
}
