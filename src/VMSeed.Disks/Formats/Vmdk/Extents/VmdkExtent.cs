using VMSeed.Disks.Drivers;
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
    private long _length = length;

    public long Start { get; } = start;

    public long Length
    {
        get => Volatile.Read(ref _length);
        protected set => Volatile.Write(ref _length, value);
    }

    /// <summary>What is allocated at once, in bytes; 0 where nothing is.</summary>
    public virtual int GrainSize => 0;

    /// <summary>What is packed at once, in bytes; 0 where nothing is.</summary>
    public virtual int UnitSize => 0;

    /// <summary>Whether whoever wrote it last has not closed it.</summary>
    public virtual bool IsUnclean => false;

    /// <summary>Whether tables have changed.</summary>
    public virtual bool IsDirty => false;

    /// <inheritdoc cref="WritableMap.IsFull"/>
    public virtual bool IsFull => false;

    /// <inheritdoc cref="DiskMap.TryMap"/>
    public abstract bool TryMap(long offset, long length, out Run run, out PageMiss miss);

    /// <summary>What can be told of an offset whose table is not in memory; null for
    /// nothing.</summary>
    public virtual ValueTask<Run?> MapWithoutAsync(
        long offset, long length, CancellationToken cancellationToken) => default;

    /// <summary>Unpacks the unit that begins at an offset.</summary>
    public virtual ValueTask UnpackAsync(
        long offset, Memory<byte> target, CancellationToken cancellationToken) =>
        throw new NotSupportedException($"{GetType().Name} packs nothing.");

    /// <summary>Called before the first change of a session: mends what whoever wrote the part last
    /// has not closed.</summary>
    public virtual ValueTask BeginAsync(CancellationToken cancellationToken) => default;

    /// <summary>A place for a grain.</summary>
    /// <exception cref="NotSupportedException">Nothing is allocated here.</exception>
    public virtual ValueTask<Place> TakeAsync(long grain, CancellationToken cancellationToken) =>
        throw new NotSupportedException(
            $"The {Length} bytes at {Start} of the VMDK cannot be written.");

    /// <summary>Makes a place a grain's.</summary>
    public virtual ValueTask AdoptAsync(
        long grain, Place place, CancellationToken cancellationToken) =>
        throw new NotSupportedException($"{GetType().Name} gives no places.");

    /// <summary>Takes a place back that was not adopted.</summary>
    public virtual void GiveBack(Place place)
    {
    }

    /// <summary>Makes a grain zeros by its entry.</summary>
    /// <returns>False where no entry says so.</returns>
    public virtual ValueTask<bool> ClearAsync(long grain, CancellationToken cancellationToken) =>
        new(false);

    /// <summary>Writes tables that have changed, and makes them and the data durable.</summary>
    public virtual ValueTask CommitAsync(CancellationToken cancellationToken) =>
        FlushAsync(cancellationToken);

    /// <summary>Makes data durable.</summary>
    public virtual ValueTask FlushAsync(CancellationToken cancellationToken) => default;

    /// <summary>Makes the part longer.</summary>
    public virtual ValueTask GrowAsync(long length, CancellationToken cancellationToken) =>
        throw new NotSupportedException(
            $"The VMDK's extent at {Start} is of a kind that does not grow.");

    /// <summary>Marks what has been changed as closed.</summary>
    public virtual ValueTask EndAsync() => default;

    /// <summary>Holds the part's structures against each other.</summary>
    public virtual ValueTask CheckAsync(
        CheckTally tally, bool repair, CancellationToken cancellationToken) => default;
}
