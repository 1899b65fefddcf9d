using VMSeed.Blocks.Devices;

namespace VMSeed.Blocks.Tests.Caching.Crashes;

/// <summary>A disk whose power can be cut: what was not flushed is there, or not, sector by
/// sector.</summary>
internal sealed class UnflushedDevice(long length) : BlockDevice
{
    private const int Sector = 512;

    private readonly MemoryBlockDevice _now = new(length);
    private readonly List<(long Offset, byte[] Data)> _writes = [];

    /// <summary>Thrown by writes, where it is set.</summary>
    public IOException? Failure { get; set; }

    public override long Length => length;

    public override bool CanWrite => true;

    /// <summary>What a disk holds after a cut: the writes up to one, of each of those before it the
    /// sectors that chance lets through.</summary>
    public async Task<UnflushedDevice> CutAsync(Random random, int writes, double survival)
    {
        UnflushedDevice after = new(length);
        foreach ((long offset, byte[] data) in _writes.Take(writes))
        {
            for (int at = 0; at < data.Length; at += Sector)
            {
                int count = Math.Min(Sector - (int)((offset + at) % Sector), data.Length - at);
                if (random.NextDouble() < survival)
                {
                    await after._now.WriteAsync(offset + at, data.AsMemory(at, count));
                }
            }
        }

        return after;
    }

    public int Writes => _writes.Count;

    public override async ValueTask DisposeAsync()
    {
        await _now.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override ValueTask ReadCoreAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        _now.ReadAsync(offset, buffer, cancellationToken);

    protected override ValueTask WriteCoreAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (Failure is not null)
        {
            throw Failure;
        }

        lock (_writes)
        {
            _writes.Add((offset, data.ToArray()));
        }

        return _now.WriteAsync(offset, data, cancellationToken);
    }
}
