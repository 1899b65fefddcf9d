using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;

namespace VMSeed.ImageBuilder.Partitions;

/// <summary>A partition as a device of its own. The disk stays the caller's.</summary>
/// <param name="disk">The disk.</param>
/// <param name="partition">The partition.</param>
public sealed class PartitionDevice(BlockDevice disk, GptPartition partition) : BlockDevice
{
    /// <inheritdoc/>
    public override long Length => partition.Length;

    /// <inheritdoc/>
    public override bool CanWrite => disk.CanWrite;

    /// <inheritdoc/>
    public override ValueTask FlushAsync(CancellationToken cancellationToken = default) =>
        disk.FlushAsync(cancellationToken);

    /// <summary>The partition's name.</summary>
    /// <returns>A few words for messages.</returns>
    public override string ToString() => $"{partition.Name} of {disk}";

    /// <inheritdoc/>
    protected override ValueTask ReadCoreAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        disk.ReadAsync(partition.Offset + offset, buffer, cancellationToken);

    /// <inheritdoc/>
    protected override ValueTask WriteCoreAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        disk.WriteAsync(partition.Offset + offset, data, cancellationToken);

    /// <inheritdoc/>
    protected override ValueTask ZeroCoreAsync(
        long offset, long length, CancellationToken cancellationToken) =>
        disk.ZeroAsync(partition.Offset + offset, length, cancellationToken);

    /// <inheritdoc/>
    protected override ValueTask TrimCoreAsync(
        long offset, long length, CancellationToken cancellationToken) =>
        disk.TrimAsync(partition.Offset + offset, length, cancellationToken);

    /// <inheritdoc/>
    protected override async ValueTask<Extent> MapCoreAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        Extent extent = await disk.MapAsync(
            partition.Offset + offset, length, cancellationToken);
        return extent with { Offset = offset };
    }
}
