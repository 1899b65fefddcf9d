namespace VMSeed.Disks.Mapping;

// A map is not a read. A format says what lies at an offset and how far; MappedDisk does the I/O,
// for all formats in one loop. A map has no lock that a reader could wait for: what a look-up needs
// is in memory or is loaded once (TablePages).

/// <summary>A format's answer to one question: what lies at an offset of the disk, and how
/// far.</summary>
internal abstract class DiskMap : IAsyncDisposable
{
    /// <summary>The disk's size in bytes.</summary>
    public abstract long Length { get; }

    /// <summary>Bytes of the unit that a <see cref="RunKind.Packed"/> run unpacks to; 0 where
    /// nothing is ever packed.</summary>
    public virtual int UnitSize => 0;

    /// <summary>What lies at an offset.</summary>
    /// <param name="offset">Less than <see cref="Length"/>.</param>
    /// <param name="length">How far anybody wants to know; at least 1, within the disk.</param>
    /// <param name="cancellationToken">Gives the look-up up.</param>
    /// <returns>A run of 1 to <paramref name="length"/> bytes; done at once, without allocation,
    /// when the tables are in memory. It goes on over neighbours that lie side by side, so that few
    /// questions describe a large disk.</returns>
    public abstract ValueTask<Run> MapAsync(
        long offset, long length, CancellationToken cancellationToken);

    /// <summary>Unpacks a unit whole.</summary>
    /// <param name="unit">Where on the disk it begins.</param>
    /// <param name="place">What a packed run named as its offset.</param>
    /// <param name="target">As long as the unit, which the disk's end may cut short.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    /// <returns>A task that is done when the target is full.</returns>
    public virtual ValueTask UnpackAsync(
        long unit, long place, Memory<byte> target, CancellationToken cancellationToken) =>
        throw new NotSupportedException($"{GetType().Name} packs nothing.");

    /// <summary>Lets go of what the map holds: its files, if they are its own.</summary>
    /// <returns>A task that is done when they are closed.</returns>
    public abstract ValueTask DisposeAsync();
}
