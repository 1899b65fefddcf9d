using VMSeed.Blocks.Images.Packs;

namespace VMSeed.Blocks.Verification;

/// <summary>A leaf, and which it is.</summary>
internal readonly record struct WalkedLeaf(long Number, FrameTable Table);
