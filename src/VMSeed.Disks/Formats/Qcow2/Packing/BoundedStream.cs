namespace VMSeed.Disks.Formats.Qcow2.Packing;

/// <summary>Takes what a compressor writes, as far as there is room; what comes after that is
/// dropped, for it would be of no use.</summary>
internal sealed class BoundedStream(Memory<byte> target) : Stream
{
    private int _length;

    /// <summary>Whether all that was written is there.</summary>
    public bool HasRoom { get; private set; } = true;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _length;

    public override long Position
    {
        get => _length;
        set => throw new NotSupportedException("The stream goes forwards only.");
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (buffer.Length > target.Length - _length)
        {
            HasRoom = false;
            return;
        }

        buffer.CopyTo(target.Span[_length..]);
        _length += buffer.Length;
    }

    public override void Write(byte[] buffer, int offset, int count) =>
        Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("The stream is written only.");

    public override long Seek(long offset, SeekOrigin origin) =>
        throw new NotSupportedException("The stream goes forwards only.");

    public override void SetLength(long value) =>
        throw new NotSupportedException("The stream's room is fixed.");
}
