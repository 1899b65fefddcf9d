using VMSeed.Blocks.Caching;
using VMSeed.CacheStress;

namespace VMSeed.Blocks.Tests.Caching;

/// <summary>Puts and reads numbered blocks, as a disk does.</summary>
internal static class CacheBlocks
{
    public static readonly Universe All = new(100_000);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<BlockPlace[]> PutAsync(BlockCache cache, params int[] blocks)
    {
        CacheEntry[] entries =
            [.. blocks.Select(b => new CacheEntry(All.DigestOf(b), Universe.Make(b)))];
        BlockPlace[] places = new BlockPlace[blocks.Length];
        await cache.PutAsync(entries, places, Cancel);
        return places;
    }

    public static Task<BlockPlace[]> PutRangeAsync(BlockCache cache, int first, int count) =>
        PutAsync(cache, [.. Enumerable.Range(first, count)]);

    public static ValueTask<BlockPlace> FindAsync(BlockCache cache, int block) =>
        cache.FindAsync(All.DigestOf(block), Universe.LengthOf(block), Cancel);

    /// <summary>Whether the whole block can be read by a place; wrong bytes fail the
    /// test.</summary>
    public static async Task<bool> ReadsAsync(BlockCache cache, BlockPlace place, int block)
    {
        byte[] bytes = new byte[Universe.LengthOf(block)];
        bool read = await cache.ReadAsync(place, 0, bytes, Cancel);
        Assert.True(!read || Universe.Matches(block, 0, bytes), $"Block {block} has wrong bytes.");
        return read;
    }

    /// <summary>Whether the block is there, with the right bytes.</summary>
    public static async Task<bool> HasAsync(BlockCache cache, int block)
    {
        BlockPlace place = await FindAsync(cache, block);
        return place.Exists && await ReadsAsync(cache, place, block);
    }

    /// <summary>The blocks of a range that are there.</summary>
    public static async Task<int[]> PresentAsync(BlockCache cache, int first, int count)
    {
        List<int> present = [];
        for (int block = first; block < first + count; block++)
        {
            if (await HasAsync(cache, block))
            {
                present.Add(block);
            }
        }

        return [.. present];
    }
}
