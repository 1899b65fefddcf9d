namespace VMSeed.Blocks.Images.Heads;

/// <summary>The size of a disk and of its blocks.</summary>
/// <param name="Length">Bytes of the disk.</param>
/// <param name="BlockSize">Bytes of a block.</param>
public sealed record DiskShape(long Length, int BlockSize);
