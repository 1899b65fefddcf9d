using VMSeed.Blocks;
using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Testing.Devices;

/// <summary>A device in memory whose power can be cut at any change, again and again.</summary>
/// <remarks>
/// <para>It logs every write, zero, trim, new length and flush. A state after a cut is a pure
/// function of the log, a place in it, and a seeded chance: all changes up to the last flush before
/// that place, and of those after it each as a whole, or some of its sectors, or nothing of it.
/// Since each is drawn alone, what was done later may be there while what was done earlier is not,
/// which is all that reordering can show.</para>
/// <para>A prefix of the log (a kill of the process) is the state in which all survive.</para>
/// <para>A trimmed range reads as garbage, for that is what a trim allows; who needs zeros calls
/// <see cref="BlockDevice.ZeroAsync"/>.</para>
/// <para>States are small: memory holds what the log wrote, each state what survived. Disposal
/// does nothing: a file that is closed can be opened again, and its power cut.</para>
/// </remarks>
public sealed class PowerCutDevice : BlockDevice
{
    private readonly PowerCutLog _log;
    private readonly MemoryBlockDevice _now;
    private readonly MemoryBlockDevice _before;
    private readonly SurvivingChanges _changes;

    /// <summary>Makes a device that reads as zeros.</summary>
    /// <param name="length">Its length in bytes.</param>
    public PowerCutDevice(long length)
        : this(new PowerCutLog(), new MemoryBlockDevice(length), new MemoryBlockDevice(length))
    {
    }

    /// <summary>Makes a device with a durable content.</summary>
    /// <param name="content">The bytes.</param>
    public PowerCutDevice(ReadOnlySpan<byte> content)
        : this(new PowerCutLog(), new MemoryBlockDevice(content), new MemoryBlockDevice(content))
    {
    }

    /// <summary>Makes one of the files that share a log.</summary>
    /// <param name="log">The log.</param>
    /// <param name="now">What it holds; becomes the device's.</param>
    /// <param name="before">The same once more; becomes the device's.</param>
    internal PowerCutDevice(PowerCutLog log, MemoryBlockDevice now, MemoryBlockDevice before)
    {
        (_log, _now, _before) = (log, now, before);
        _changes = new SurvivingChanges(now);
    }

    /// <summary>Thrown by every change and flush, where it is set.</summary>
    public IOException? Failure { get; set; }

    /// <summary>How many changes and flushes there have been; of all files together, where files
    /// share a log.</summary>
    public int Changes => _log.Count;

    /// <inheritdoc/>
    public override long Length => _now.Length;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <summary>How many of the first changes are durable, by the last flush among them.</summary>
    public int DurableAt(int changes) => _log.DurableAt(this, changes);

    /// <summary>The device after a cut.</summary>
    /// <param name="random">Chance.</param>
    /// <param name="changes">How many changes had been accepted.</param>
    /// <param name="survival">How likely each one that is not durable is there as a whole; 1 for a
    /// prefix of the log.</param>
    public Task<PowerCutDevice> CutAsync(Random random, int changes, double survival) =>
        CutAsync(new PowerCutLog(), random, changes, survival);

    internal async Task<PowerCutDevice> CutAsync(
        PowerCutLog log, Random random, int changes, double survival)
    {
        MemoryBlockDevice after = await SparseCopy.OfAsync(_before);
        SurvivingChanges surviving = new(after);
        foreach ((DeviceChange change, bool isDurable) in _log.Of(this, changes))
        {
            await (isDurable
                ? surviving.ApplyAsync(change)
                : surviving.ApplyAsync(change, random, survival));
        }

        return new PowerCutDevice(log, after, await SparseCopy.OfAsync(after));
    }

    /// <summary>Many states: prefixes of the log and subsets of what was not durable, at places
    /// spread over all of it.</summary>
    /// <param name="seed">Of the chance.</param>
    /// <param name="states">How many. As many prefixes as subsets.</param>
    /// <param name="first">The least number of changes, where the log begins with what is of no
    /// interest.</param>
    public async IAsyncEnumerable<PowerCut> CutsAsync(int seed, int states, int first = 0)
    {
        foreach (CutPlace place in CutPlace.Spread(seed, states, first, Changes))
        {
            PowerCutDevice after = await CutAsync(
                new Random(place.Seed), place.Changes, place.Survival);
            yield return new(place.Changes, DurableAt(place.Changes), after, place.Name);
        }
    }

    /// <inheritdoc/>
    public override ValueTask SetLengthAsync(
        long length, CancellationToken cancellationToken = default) =>
        ApplyAsync(new(DeviceChangeKind.SetLength, length, 0), cancellationToken);

    /// <inheritdoc/>
    public override ValueTask FlushAsync(CancellationToken cancellationToken = default) =>
        ApplyAsync(new(DeviceChangeKind.Flush, Changes, 0), cancellationToken);

    /// <summary>Says what this is.</summary>
    public override string ToString() => $"{Length} bytes whose power can be cut";

    /// <inheritdoc/>
    protected override ValueTask ReadCoreAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        _log.Yields
            ? YieldAndReadAsync(offset, buffer, cancellationToken)
            : _now.ReadAsync(offset, buffer, cancellationToken);

    /// <inheritdoc/>
    protected override void ReadCore(long offset, Span<byte> buffer) => _now.Read(offset, buffer);

    /// <inheritdoc/>
    protected override ValueTask WriteCoreAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        ApplyAsync(
            new(DeviceChangeKind.Write, offset, data.Length, data.ToArray()), cancellationToken);

    /// <inheritdoc/>
    protected override ValueTask ZeroCoreAsync(
        long offset, long length, CancellationToken cancellationToken) =>
        ApplyAsync(new(DeviceChangeKind.Zero, offset, length), cancellationToken);

    /// <inheritdoc/>
    protected override ValueTask TrimCoreAsync(
        long offset, long length, CancellationToken cancellationToken) =>
        ApplyAsync(new(DeviceChangeKind.Trim, offset, length), cancellationToken);

    /// <inheritdoc/>
    protected override ValueTask<Extent> MapCoreAsync(
        long offset, long length, CancellationToken cancellationToken) =>
        _now.MapAsync(offset, length, cancellationToken);

    private ValueTask ApplyAsync(DeviceChange change, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Failure is not null)
        {
            throw Failure;
        }

        return _log.Yields
            ? YieldAndAddAsync(change)
            : _log.AddAsync(this, change, _changes);
    }

    private async ValueTask YieldAndReadAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        await Task.Yield();
        await _now.ReadAsync(offset, buffer, cancellationToken);
    }

    private async ValueTask YieldAndAddAsync(DeviceChange change)
    {
        await Task.Yield();
        await _log.AddAsync(this, change, _changes);
    }
}
