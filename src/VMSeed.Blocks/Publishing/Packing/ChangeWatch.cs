using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Devices.Files;
using VMSeed.Blocks.Images;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Publishing.Packing;

/// <summary>Finds out whether a disk was written while it was packed: a mixture of two states is no
/// disk.</summary>
/// <remarks>
/// A file's length and times tell. For what has none (partitions, other devices), and for writes
/// within the clock's tick, some blocks are read again: that finds a disk that is rewritten, and
/// misses most small changes. Who packs a disk in use takes a snapshot of it first.
/// </remarks>
internal sealed class ChangeWatch(BlockDevice disk, ImageGeometry geometry)
{
    // 4 MiB of 64 KiB blocks: some milliseconds, and nothing beside the packing.
    private const int SampleCount = 64;

    private readonly FileStamp? _before = (disk as FileBlockDevice)?.Stamp();
    private readonly (long Block, Digest Digest)[] _samples = new (long, Digest)[SampleCount];

    // Which blocks are sampled is nobody's secret; the same disk always has the same ones.
    private readonly Random _random = new(SampleCount);
    private long _seen;

    /// <summary>Shows a block; each has the same chance of being among the samples.</summary>
    public void Sample(long block, Digest digest)
    {
        long slot = _seen < SampleCount ? _seen : _random.NextInt64(_seen + 1);
        _seen++;
        if (slot < SampleCount)
        {
            _samples[slot] = (block, digest);
        }
    }

    /// <summary>Looks whether the disk is still what it was.</summary>
    /// <exception cref="IOException">It is not.</exception>
    public async ValueTask CheckAsync(CancellationToken cancellationToken)
    {
        if (disk is FileBlockDevice file && file.Stamp() != _before)
        {
            throw Changed("its size or its time of change differs");
        }

        byte[] buffer = new byte[geometry.BlockSize];
        foreach ((long block, Digest digest) in _samples.Take((int)Math.Min(_seen, SampleCount)))
        {
            Memory<byte> plain = buffer.AsMemory(0, geometry.BlockLength(block));
            await disk.ReadAsync(geometry.OffsetOf(block), plain, cancellationToken)
                .ConfigureAwait(false);
            if (Digest.Of(plain.Span) != digest)
            {
                throw Changed($"byte {geometry.OffsetOf(block)} or one after it differs");
            }
        }
    }

    private IOException Changed(string fact) => new(
        $"{disk} was written while it was packed: {fact}. Nothing is published. Pack a "
        + "snapshot, or stop what writes to it.");
}
