using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Tool.Running;

/// <summary>A disk whose reads are noted. It does not own the disk.</summary>
internal sealed class TouchedDisk(BlockDevice disk) : BlockDevice
{
    /// <summary>Where they are noted; null for nowhere.</summary>
    public TouchLog? Log { get; set; }

    public override long Length => disk.Length;

    public override ContentIdentity? Identity => disk.Identity;

    public override string ToString() => $"{disk}";

    protected override ValueTask ReadCoreAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        Log?.Add(offset, buffer.Length);
        return disk.ReadAsync(offset, buffer, cancellationToken);
    }

    protected override void ReadCore(long offset, Span<byte> buffer)
    {
        Log?.Add(offset, buffer.Length);
        disk.Read(offset, buffer);
    }

    protected override ValueTask<Extent> MapCoreAsync(
        long offset, long length, CancellationToken cancellationToken) =>
        disk.MapAsync(offset, length, cancellationToken);
}
