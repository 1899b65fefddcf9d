using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Caching;

/// <summary>A block to be cached.</summary>
/// <param name="Digest">Its name: the digest of its plain bytes, which the caller has verified, or
/// that of a <see cref="SealedBlock"/>.</param>
/// <param name="Plain">The bytes: 1 byte to 1 MiB.</param>
internal readonly record struct CacheEntry(Digest Digest, ReadOnlyMemory<byte> Plain);
