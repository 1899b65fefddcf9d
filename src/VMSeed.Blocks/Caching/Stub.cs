// Stands in until the cache lands: remove this file with it.
#pragma warning disable CA1822, IDE0055, CS1591, CA1801, SA1600
using VMSeed.Blocks.Primitives;
namespace VMSeed.Blocks.Caching;
internal readonly struct BlockPlace { public bool Exists => false; public bool MustVerify => false; }
internal readonly record struct CacheEntry(Digest Digest, ReadOnlyMemory<byte> Plain);
public sealed class BlockCacheOptions { }
public sealed class BlockCache : IAsyncDisposable {
    public static Task<BlockCache> OpenAsync(string directory, BlockCacheOptions? options = null, Microsoft.Extensions.Logging.ILogger? logger = null, CancellationToken ct = default) => Task.FromResult(new BlockCache());
    internal ValueTask<BlockPlace> FindAsync(Digest digest, int length, CancellationToken ct) => default;
    internal ValueTask<bool> ReadAsync(BlockPlace place, int offset, Memory<byte> destination, CancellationToken ct) => default;
    internal ValueTask PutAsync(ReadOnlyMemory<CacheEntry> batch, CancellationToken ct) => default;
    internal ValueTask DropAsync(Digest digest, BlockPlace place) => default;
    public ValueTask DisposeAsync() => default;
}
