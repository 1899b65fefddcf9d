namespace VMSeed.Disks.Mapping;

// How a growing image stays whole whatever moment the power goes
// ---------------------------------------------------------------
// A disk has a cache, and only what was flushed must survive. That is room for one simple order,
// the same for all formats:
//
//   1. Bytes of a new block are written into space that nothing points at.
//   2. When they are written, the pointer changes: in memory only. Readers see it at once.
//   3. At a flush: flush (the blocks are safe), write the changed tables in the order of their
//      ranks, a flush between two ranks, and a flush at the end.
//
// A crash before 3 loses pointers that no flush had promised, and leaves bytes at the end of the
// file that nothing points at. A crash within 3 has every pointer aim at bytes that were safe
// before it. A block's old bytes are never shown as another's, and no pass over the image is needed
// when it is opened again: the next free place is taken after the last that anything points at.
//
// Space that is let go is not taken again before the tables that no longer name it are safe, and
// every transfer that began before has ended (SpaceRecycler).
//
// MappedDisk calls all members but those of DiskMap one at a time, under its gate.

/// <summary>A map whose disk can be written: it finds places and changes tables.</summary>
internal abstract class WritableMap : DiskMap
{
    /// <summary>Bytes of a block: what is allocated at once. A power of two.</summary>
    public abstract int BlockSize { get; }

    /// <summary>Bytes of which each can be the image's own while its neighbour is not: a sector
    /// where a bitmap says which, else the block.</summary>
    public virtual int CopyUnit => BlockSize;

    /// <summary>Where a block lies, though none of its bytes may be the image's own yet.</summary>
    /// <param name="block">The block's number.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    /// <returns>Its place, or one that is new and that only this caller knows.</returns>
    public abstract ValueTask<Place> TakeAsync(long block, CancellationToken cancellationToken);

    /// <summary>Makes bytes that have been written into a block's place the disk's.</summary>
    /// <param name="block">The block's number.</param>
    /// <param name="place">What <see cref="TakeAsync"/> gave for it.</param>
    /// <param name="range">Which bytes of the block, at whole copy units or up to the disk's
    /// end.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    /// <returns>A task that is done when <see cref="DiskMap.MapAsync"/> says so.</returns>
    public abstract ValueTask AdoptAsync(
        long block, Place place, BlockRange range, CancellationToken cancellationToken);

    /// <summary>Gives back a place that was taken and not adopted.</summary>
    /// <param name="block">The block's number.</param>
    /// <param name="place">The place.</param>
    public virtual void GiveBack(long block, Place place)
    {
    }

    /// <summary>Makes a whole block zeros by its entry alone, giving its place back.</summary>
    /// <param name="block">The block's number.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    /// <returns>False where the format has no such entry, or keeps blocks for good: its bytes are
    /// then zeroed in place.</returns>
    public virtual ValueTask<bool> ClearAsync(long block, CancellationToken cancellationToken) =>
        new(false);

    /// <summary>Whether anything has changed that <see cref="CommitAsync"/> would write.</summary>
    public abstract bool IsDirty { get; }

    /// <summary>Whether so many tables wait in memory that it is time to write them.</summary>
    public virtual bool IsFull => false;

    /// <summary>Writes what has changed, in the order above, and makes it and all data
    /// durable.</summary>
    /// <param name="cancellationToken">Gives the work up between two steps; what is then not
    /// written stays changed.</param>
    /// <returns>A task that is done when all would survive the loss of power.</returns>
    public abstract ValueTask CommitAsync(CancellationToken cancellationToken);

    /// <summary>Makes data durable when nothing else has changed.</summary>
    /// <param name="cancellationToken">Gives the wait up.</param>
    /// <returns>A task that is done when it is.</returns>
    public abstract ValueTask FlushStoresAsync(CancellationToken cancellationToken);

    /// <summary>Changes the disk's size.</summary>
    /// <param name="length">The new size in bytes.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    /// <returns>A task that is done when the image has that size, durably.</returns>
    public virtual ValueTask ResizeAsync(long length, CancellationToken cancellationToken) =>
        throw new NotSupportedException("The size of this disk is fixed.");

    /// <summary>Called before the first change of a session: marks the image as in use.</summary>
    /// <param name="cancellationToken">Gives the work up.</param>
    /// <returns>A task that is done when the mark is durable.</returns>
    public virtual ValueTask BeginAsync(CancellationToken cancellationToken) => default;

    /// <summary>Called at the end of a session that has changed something, after the last commit:
    /// marks the image as closed.</summary>
    /// <returns>A task that is done when the mark is durable.</returns>
    public virtual ValueTask EndAsync() => default;
}
