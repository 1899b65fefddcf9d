using VMSeed.Blocks.Caching.Layout;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Caching.Store;

/// <summary>Goes through all of a store: counts it, verifies it. Without the lock, so both are of a
/// moment.</summary>
/// <param name="store">The store.</param>
internal sealed class StoreSurvey(OpenStore store)
{
    private readonly StoreDirectory _directory = new(store.Device);

    /// <summary>Counts blocks and bytes.</summary>
    /// <param name="cancellationToken">Gives the count up.</param>
    /// <returns>Blocks, their plain bytes, and the bytes that they occupy.</returns>
    public (long Blocks, long PlainBytes, long StoredBytes) Count(
        CancellationToken cancellationToken)
    {
        (long blocks, long plain, long units) = (0, 0, 0);
        _directory.Scan(
            store.Geometry.Slots,
            (_, entry) =>
            {
                if (entry.IsSound(store.Salt))
                {
                    blocks++;
                    plain += entry.Shape.Length;
                    units += entry.Units;
                }
            },
            cancellationToken);
        return (blocks, plain, units * StoreGeometry.UnitBytes);
    }

    /// <summary>Reads and hashes every block.</summary>
    /// <param name="cache">The cache, whose blocks are dropped where they are wrong.</param>
    /// <param name="progress">Told after each block.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>How many were good and bad.</returns>
    public async Task<BlockCacheVerification> VerifyAsync(
        BlockCache cache,
        IProgress<BlockCacheVerification>? progress,
        CancellationToken cancellationToken)
    {
        List<(uint Unit, int Slot, DirectoryEntry Entry)> entries = [];
        _directory.Scan(
            store.Geometry.Slots,
            (slot, entry) => entries.Add((entry.Unit, slot, entry)),
            cancellationToken);
        entries.Sort(static (left, right) => left.Unit.CompareTo(right.Unit));
        BlockCacheVerification result = new(entries.Count);
        foreach ((uint _, int slot, DirectoryEntry entry) in entries)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await CheckAsync(cache, result, slot, entry).ConfigureAwait(false);
            progress?.Report(result);
        }

        return result;
    }

    private async Task CheckAsync(
        BlockCache cache, BlockCacheVerification result, int slot, DirectoryEntry entry)
    {
        uint generation = store.Guards.Of(slot);
        DirectoryEntry again = _directory.Read(slot);
        bool sound = again.IsSound(store.Salt) && again.Stamp == entry.Stamp;
        if (!sound || (generation & 1) != 0)
        {
            return; // Evicted meanwhile, or never whole.
        }

        BlockPlace place = new(slot, entry.Unit, generation, entry.Shape.Cold, entry.Stamp);
        byte[] plain = new byte[place.Length];
        bool read = await cache.ReadAsync(place, 0, plain, default).ConfigureAwait(false);
        bool good = read && IsRight(entry, plain);
        if (read && !good)
        {
            await cache.DropAsync(place).ConfigureAwait(false);
        }

        result.Checked++;
        result.Bad += good ? 0 : 1;
        result.Bytes += place.Length;
    }

    // Named by what it holds; else by where it came from, with its proof behind it.
    private static bool IsRight(in DirectoryEntry entry, byte[] bytes) =>
        entry.Names(Digest.Of(bytes))
        || (SealedBlock.TryOpen(bytes, out Digest name) && entry.Names(name));
}
