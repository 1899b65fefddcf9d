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

    /// <summary>What lies at an offset, by the tables that are in memory.</summary>
    /// <param name="offset">Less than <see cref="Length"/>.</param>
    /// <param name="length">How far anybody wants to know; at least 1, within the disk.</param>
    /// <param name="run">A run of 1 to <paramref name="length"/> bytes. It goes on over neighbours
    /// that lie side by side, so that few questions describe a large disk.</param>
    /// <param name="miss">Where there is no answer: the page that it takes.</param>
    /// <returns>Whether there is an answer. Else the same is asked again when the page is loaded,
    /// and may lack another.</returns>
    public abstract bool TryMap(long offset, long length, out Run run, out PageMiss miss);

    /// <summary>What lies at an offset.</summary>
    /// <param name="offset">Less than <see cref="Length"/>.</param>
    /// <param name="length">How far anybody wants to know; at least 1, within the disk.</param>
    /// <param name="cancellationToken">Gives the look-up up.</param>
    /// <returns>As <see cref="TryMap"/>, when the pages that it takes are loaded.</returns>
    public ValueTask<Run> MapAsync(
        long offset, long length, CancellationToken cancellationToken) =>
        TryMap(offset, length, out Run run, out PageMiss miss)
            ? new(run)
            : LoadAndMapAsync(miss, offset, length, cancellationToken);

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

    /// <summary>What can be told without the page that is missing; null for nothing.</summary>
    protected virtual ValueTask<Run?> MapWithoutAsync(
        long offset, long length, CancellationToken cancellationToken) => default;

    // A page that is thrown out again before it was looked at is loaded again.
    private async ValueTask<Run> LoadAndMapAsync(
        PageMiss miss, long offset, long length, CancellationToken cancellationToken)
    {
        Run? known = await MapWithoutAsync(offset, length, cancellationToken).ConfigureAwait(false);
        if (known is { } early)
        {
            return early;
        }

        Run run;
        do
        {
            await miss.LoadAsync(cancellationToken).ConfigureAwait(false);
        }
        while (!TryMap(offset, length, out run, out miss));

        return run;
    }
}
