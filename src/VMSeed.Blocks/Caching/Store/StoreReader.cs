using System.Buffers;
using System.Runtime.InteropServices;
using VMSeed.Blocks.Caching.Layout;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Caching.Store;

/// <summary>Looks blocks up and reads them, without a lock.</summary>
/// <param name="store">The store.</param>
internal sealed class StoreReader(OpenStore store)
{
    private readonly StoreDirectory _directory = new(store.Device);
    private readonly PackedReader _packed = new(store);

    /// <summary>Looks a block up.</summary>
    /// <param name="digest">Its digest.</param>
    /// <param name="length">Its plain length in bytes; an entry of another length is not
    /// meant.</param>
    /// <param name="cancellationToken">Gives the look-up up.</param>
    /// <returns>Its place, or none.</returns>
    public ValueTask<BlockPlace> FindAsync(
        Digest digest, int length, CancellationToken cancellationToken)
    {
        byte[] page = ArrayPool<byte>.Shared.Rent(StoreGeometry.UnitBytes);
        int index = store.Geometry.PageOf(digest.Prefix);
        ValueTask read = _directory.ReadPageAsync(index, page, cancellationToken);
        if (!read.IsCompletedSuccessfully)
        {
            return FindSlowAsync(read, page, index, digest, length, cancellationToken);
        }

        int slot = Search(page, index, digest, length, out DirectoryEntry entry);
        ArrayPool<byte>.Shared.Return(page);
        return slot < 0 ? default : ConfirmAsync(slot, entry, cancellationToken);
    }

    /// <summary>Reads a part of a block.</summary>
    /// <param name="place">Its place.</param>
    /// <param name="offset">Where to begin in it, in bytes.</param>
    /// <param name="destination">Where the bytes go.</param>
    /// <param name="cancellationToken">Gives the read up.</param>
    /// <returns>False when the block is no longer there.</returns>
    public ValueTask<bool> ReadAsync(
        BlockPlace place, int offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (place.Shape.IsCompressed)
        {
            return ReadPackedAsync(place, offset, destination, cancellationToken);
        }

        long start = ((long)place.Unit * StoreGeometry.UnitBytes) + offset;
        ValueTask read = store.Device.ReadAsync(start, destination, cancellationToken);
        if (!read.IsCompletedSuccessfully || !store.Guards.AreShared)
        {
            return FinishAsync(read, place, cancellationToken);
        }

        bool stands = store.Guards.StillStands(place.Slot, place.Generation);
        if (stands)
        {
            store.Guards.Heat.Touch(place.Slot);
        }

        return new(stands);
    }

    private ValueTask<bool> ReadPackedAsync(
        BlockPlace place, int offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        store.Guards.Heat.Touch(place.Slot);
        return _packed.ReadAsync(place, offset, destination, cancellationToken);
    }

    private async ValueTask<BlockPlace> FindSlowAsync(
        ValueTask read,
        byte[] page,
        int index,
        Digest digest,
        int length,
        CancellationToken cancellation)
    {
        await read.ConfigureAwait(false);
        int slot = Search(page, index, digest, length, out DirectoryEntry entry);
        ArrayPool<byte>.Shared.Return(page);
        return slot < 0
            ? default
            : await ConfirmAsync(slot, entry, cancellation).ConfigureAwait(false);
    }

    private int Search(
        byte[] page, int index, Digest digest, int length, out DirectoryEntry found)
    {
        ReadOnlySpan<DirectoryEntry> entries = MemoryMarshal.Cast<byte, DirectoryEntry>(
            page.AsSpan(0, StoreGeometry.UnitBytes));
        for (int i = 0; i < entries.Length; i++)
        {
            if (entries[i].Prefix == digest.Prefix && entries[i].Names(digest)
                && entries[i].Shape.Length == length && entries[i].IsSound(store.Salt)
                && IsInside(entries[i]))
            {
                found = entries[i];
                return (index * StoreGeometry.PageEntries) + i;
            }
        }

        found = default;
        return -1;
    }

    private bool IsInside(in DirectoryEntry entry) =>
        entry.Unit >= (uint)store.Geometry.DataUnit
        && entry.Unit + (long)entry.Units <= store.Geometry.Units;

    // The generation first, then the entry once more: see Guards.
    private ValueTask<BlockPlace> ConfirmAsync(
        int slot, DirectoryEntry entry, CancellationToken cancellationToken)
    {
        uint generation = store.Guards.Of(slot);
        Volatile.ReadBarrier();
        BlockPlace place = new(slot, entry.Unit, generation, entry.Shape.Cold, entry.Stamp);
        ValueTask<DirectoryEntry> again = _directory.ReadAsync(slot, cancellationToken);
        return again.IsCompletedSuccessfully
            ? new(Confirmed(place, again.Result))
            : ConfirmSlowAsync(place, again);
    }

    private static async ValueTask<BlockPlace> ConfirmSlowAsync(
        BlockPlace place, ValueTask<DirectoryEntry> again) =>
        Confirmed(place, await again.ConfigureAwait(false));

    private static BlockPlace Confirmed(BlockPlace place, DirectoryEntry entry) =>
        entry.Stamp == place.Stamp && entry.Unit == place.Unit && (place.Generation & 1) == 0
            ? place
            : default;

    private async ValueTask<bool> FinishAsync(
        ValueTask read, BlockPlace place, CancellationToken cancellationToken)
    {
        await read.ConfigureAwait(false);
        bool stands = store.Guards.StillStands(place.Slot, place.Generation);
        if (stands && !store.Guards.AreShared)
        {
            // The bytes were copied before the entry is looked at again.
            Interlocked.MemoryBarrier();
            DirectoryEntry entry = await _directory.ReadAsync(place.Slot, cancellationToken)
                .ConfigureAwait(false);
            stands = entry.Stamp == place.Stamp && entry.Unit == place.Unit;
        }

        if (stands)
        {
            store.Guards.Heat.Touch(place.Slot);
        }

        return stands;
    }
}
