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
    /// <returns>False when the block is no longer there.</returns>
    /// <exception cref="InvalidDataException">The block is there; its bytes are not what was
    /// stored.</exception>
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
            bool stands = entry.Stamp == place.Stamp && entry.Unit == place.Unit;
            if (stands)
            {
                Unpack(entry.Prefix, place, bytes, offset, destination.Span);
            }

            return stands;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(stored);
        }
    }

    private static void Unpack(
        ulong name, BlockPlace place, Memory<byte> stored, int offset, Span<byte> destination)
    {
        if (offset == 0 && destination.Length == place.Length)
        {
            BlockPacker.Unpack(name, stored, destination);
            return;
        }

        byte[] plain = ArrayPool<byte>.Shared.Rent(place.Length);
        try
        {
            BlockPacker.Unpack(name, stored, plain.AsSpan(0, place.Length));
            plain.AsSpan(offset, destination.Length).CopyTo(destination);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(plain);
        }
    }
}
