using VMSeed.Blocks.Devices;

namespace VMSeed.Blocks.Tests.Overlay;

/// <summary>A base that counts what is read of it.</summary>
internal sealed class WatchedBase(byte[] content) : BlockDevice
{
    private readonly MemoryBlockDevice _memory = new(content);
    private int _reads;

    public int Reads => Volatile.Read(ref _reads);

    public override long Length => _memory.Length;

    public override async ValueTask DisposeAsync()
    {
        await _memory.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override ValueTask ReadCoreAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reads);
        return _memory.ReadAsync(offset, buffer, cancellationToken);
    }
}
