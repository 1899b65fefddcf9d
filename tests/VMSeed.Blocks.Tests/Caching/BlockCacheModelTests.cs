using CsCheck;
using VMSeed.Blocks.Caching;
using VMSeed.Blocks.Devices;
using VMSeed.CacheStress;

namespace VMSeed.Blocks.Tests.Caching;

/// <summary>Against a dictionary: whatever is done, the cache holds a part of what was put and not
/// dropped since, with the right bytes; and all of it while there is room.</summary>
public sealed class BlockCacheModelTests
{
    private static readonly Gen<(int Kind, int Block, int Count)> s_step =
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 400], Gen.Int[1, 30]);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(3 << 20, false)]
    [InlineData(3 << 20, true)]
    [InlineData(64 << 20, false)]
    public async Task Any_sequence_of_steps_agrees_with_the_model(int length, bool hasRoom) =>
        await Gen.Select(s_step.Array[1, 40], Gen.Bool).SampleAsync(
            async (steps, compress) =>
            {
                await using MemoryBlockDevice device = new(hasRoom ? 64 << 20 : length);
                Model model = new(device, compress);
                foreach ((int kind, int block, int count) in steps)
                {
                    await model.DoAsync(kind, block, count);
                }

                await model.CheckAsync(everything: device.Length > 32 << 20);
            },
            iter: 40,
            seed: "0000KOIPcuP4");

    private sealed class Model(BlockDevice device, bool compress)
    {
        private readonly HashSet<int> _put = [];
        private readonly Dictionary<int, BlockPlace> _places = [];
        private BlockCache? _cache;

        public async Task DoAsync(int kind, int block, int count)
        {
            _cache ??= await BlockCache.OpenDeviceAsync(
                device,
                new BlockCacheOptions { Compress = compress, FirstPages = 1 },
                null,
                Cancel);
            switch (kind)
            {
                case < 5:
                    await CacheBlocks.PutRangeAsync(_cache, block, count);
                    _put.UnionWith(Enumerable.Range(block, count));
                    break;
                case < 7:
                    _places[block] = await CacheBlocks.FindAsync(_cache, block);
                    Assert.True(!_places[block].Exists || _put.Contains(block));
                    break;
                case 7:
                    await DropAsync(block);
                    break;
                case 8:
                    await _cache.DisposeAsync();
                    _cache = null;
                    _places.Clear();
                    break;
                default:
                    await ReadKeptAsync();
                    break;
            }
        }

        public async Task CheckAsync(bool everything)
        {
            await DoAsync(9, 0, 0);
            int[] present = await CacheBlocks.PresentAsync(_cache!, 0, 450);
            Assert.True(_put.IsSupersetOf(present));
            Assert.True(!everything || present.Length == _put.Count);
            await Crashes.Invariants.HoldAsync(device);
            await _cache!.DisposeAsync();
        }

        private async Task DropAsync(int block)
        {
            BlockPlace place = await CacheBlocks.FindAsync(_cache!, block);
            if (place.Exists)
            {
                await _cache!.DropAsync(place);
                _put.Remove(block);
            }
        }

        private async Task ReadKeptAsync()
        {
            foreach ((int block, BlockPlace place) in _places)
            {
                byte[] part = new byte[100];
                bool read = place.Exists && await _cache!.ReadAsync(place, 200, part, Cancel);
                Assert.True(!read || Universe.Matches(block, 200, part));
            }
        }
    }
}
