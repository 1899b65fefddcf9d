namespace VMSeed.Disks.Tests.Converting;

/// <summary>A stream like a pipe: written from its beginning to its end.</summary>
internal sealed class ForwardOnly(Stream inner) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException("A pipe has no length.");

    public override long Position
    {
        get => throw new NotSupportedException("A pipe has no position.");
        set => throw new NotSupportedException("A pipe has no position.");
    }

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("A pipe's other end is read.");

    public override long Seek(long offset, SeekOrigin origin) =>
        throw new NotSupportedException("A pipe cannot seek.");

    public override void SetLength(long value) =>
        throw new NotSupportedException("A pipe has no length.");

    public override void Write(byte[] buffer, int offset, int count) =>
        inner.Write(buffer, offset, count);
}
