using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Tool.Running;

/// <summary>An image of which is known what was read, and why reading failed. It does not own the
/// image.</summary>
/// <remarks>QEMU tells that a read failed, and not why; the reason is found here.</remarks>
internal sealed class WatchedDisk(BlockDevice disk) : BlockDevice
{
    private volatile Exception? _fault;

    /// <summary>Where reads are noted; null for nowhere.</summary>
    public TouchLog? Log { get; set; }

    /// <summary>Why a read failed last; null when none has.</summary>
    public string? Fault => _fault?.Message;

    public override long Length => disk.Length;

    public override ContentIdentity? Identity => disk.Identity;

    public override string ToString() => $"{disk}";

    protected override ValueTask ReadCoreAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        Log?.Add(offset, buffer.Length);
        ValueTask reading = disk.ReadAsync(offset, buffer, cancellationToken);
        return reading.IsCompletedSuccessfully ? reading : WatchAsync(reading);
    }

    protected override void ReadCore(long offset, Span<byte> buffer)
    {
        Log?.Add(offset, buffer.Length);
        disk.Read(offset, buffer);
    }

    protected override ValueTask<Extent> MapCoreAsync(
        long offset, long length, CancellationToken cancellationToken) =>
        disk.MapAsync(offset, length, cancellationToken);

    private async ValueTask WatchAsync(ValueTask reading)
    {
        try
        {
            await reading;
        }
        catch (IOException fault)
        {
            _fault = fault;
            throw;
        }
    }
}
