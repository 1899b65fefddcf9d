using VMSeed.Disks.Mapping;

namespace VMSeed.Disks.Formats.Vmdk.Extents;

/// <summary>A part of a VMDK's disk, and what lies where in it. Offsets are counted from its
/// beginning.</summary>
/// <remarks>The members that change something are called one at a time, under the disk's
/// gate.</remarks>
/// <param name="start">Where on the disk it begins, in bytes.</param>
/// <param name="length">How long it is, in bytes.</param>
internal abstract class VmdkExtent(long start, long length)
{
    public long Start { get; } = start;

    public long Length { get; protected set; } = length;

    /// <summary>What is allocated at once, in bytes; 0 where nothing is.</summary>
    public virtual int GrainSize => 0;

    /// <summary>What is packed at once, in bytes; 0 where nothing is.</summary>
    public virtual int UnitSize => 0;

    public abstract ValueTask<Run> MapAsync(
        long offset, long length, CancellationToken cancellationToken);

    /// <summary>Unpacks the unit that begins at an offset.</summary>
    public virtual ValueTask UnpackAsync(
        long offset, Memory<byte> target, CancellationToken cancellationToken) =>
        throw new NotSupportedException($"{GetType().Name} packs nothing.");
}
