using System.Buffers;
using VMSeed.Blocks.Caching.Layout;

namespace VMSeed.Blocks.Caching.Store;

/// <summary>Reads blocks that are stored compressed: all of one for any part of it.</summary>
/// <param name="store">The store.</param>
internal sealed class PackedReader(OpenStore store)
{
    private readonly StoreDirectory _directory = new(store.Device);

    /// <summary>Reads a part of a block.</summary>
    /// <param name="place">Its place.</param>
    /// <param name="offset">Where to begin in its plain bytes.</param>
    /// <param name="destination">Where they go.</param>
    /// <param name="cancellationToken">Gives the read up.</param>
    /// <returns>False when the block is no longer there, or its stored bytes are not what was stored.</returns>
    public async ValueTask<bool> ReadAsync(
        BlockPlace place, int offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        byte[] stored = ArrayPool<byte>.Shared.Rent(place.Units * StoreGeometry.UnitBytes);
        try
        {
            Memory<byte> bytes = stored.AsMemory(0, place.Units * StoreGeometry.UnitBytes);
            await store.Device
                .ReadAsync((long)place.Unit * StoreGeometry.UnitBytes, bytes, cancellationToken)
                .ConfigureAwait(false);
            Interlocked.MemoryBarrier(); // The bytes were copied before the entry is looked at.
            DirectoryEntry entry = await _directory.ReadAsync(place.Slot, cancellationToken)
                .ConfigureAwait(false);
            return entry.Stamp == place.Stamp && entry.Unit == place.Unit
                && TryUnpack(entry.Prefix, place, bytes, offset, destination.Span);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(stored);
        }
    }

    private static bool TryUnpack(
        ulong name, BlockPlace place, Memory<byte> stored, int offset, Span<byte> destination)
    {
        if (offset == 0 && destination.Length == place.Length)
        {
            return BlockPacker.TryUnpack(name, stored, destination);
        }

        byte[] plain = ArrayPool<byte>.Shared.Rent(place.Length);
        try
        {
            bool whole = BlockPacker.TryUnpack(name, stored, plain.AsSpan(0, place.Length));
            if (whole)
            {
                plain.AsSpan(offset, destination.Length).CopyTo(destination);
            }

            return whole;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(plain);
        }
    }
}
