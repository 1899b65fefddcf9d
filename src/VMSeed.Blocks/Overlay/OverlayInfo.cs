using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Overlay;

/// <summary>What an overlay's file says of itself.</summary>
/// <param name="Length">Bytes of the disk.</param>
/// <param name="BaseLength">Bytes of the base.</param>
/// <param name="Base">What it lies over.</param>
/// <param name="DataLength">Bytes that the overlay has itself.</param>
/// <param name="ZeroLength">Bytes that the overlay has made zeros.</param>
public sealed record OverlayInfo(
    long Length, long BaseLength, ContentIdentity Base, long DataLength, long ZeroLength);
