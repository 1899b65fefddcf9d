using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Caching.Layout;

/// <summary>A block in the form in which it will lie in the store.</summary>
/// <param name="Digest">Its digest.</param>
/// <param name="Length">Its plain length in bytes.</param>
/// <param name="Bytes">What is stored.</param>
/// <param name="IsCompressed">Whether they are compressed.</param>
internal readonly record struct StoredBlock(
    Digest Digest, int Length, ReadOnlyMemory<byte> Bytes, bool IsCompressed)
{
    /// <summary>Units that it occupies.</summary>
    public int Units => StoreGeometry.UnitsOf(Bytes.Length);
}
