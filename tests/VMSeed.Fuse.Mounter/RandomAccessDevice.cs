using Microsoft.Win32.SafeHandles;
using VMSeed.Blocks;

namespace VMSeed.Fuse.Mounter;

/// <summary>A local file, read on the caller's thread.</summary>
public sealed class RandomAccessDevice(string path) : BlockDevice
{
    private readonly SafeFileHandle _file = File.OpenHandle(path);

    public override long Length { get; } = new FileInfo(path).Length;

    public override ValueTask DisposeAsync()
    {
        _file.Dispose();
        return base.DisposeAsync();
    }

    protected override ValueTask ReadCoreAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        for (int done = 0; done < buffer.Length;)
        {
            int count = RandomAccess.Read(_file, buffer.Span[done..], offset + done);
            if (count == 0) { throw new EndOfStreamException("The file has shrunk."); }

            done += count;
        }

        return default;
    }
}
