namespace VMSeed.Disks.Formats.Cloop;

/// <summary>Where a block lies.</summary>
/// <param name="Offset">Its first byte in the file.</param>
/// <param name="Length">Bytes in which it ends, or ends before; 0 when all of it is
/// zeros.</param>
/// <param name="Codec">How it is packed.</param>
internal readonly record struct CloopBlock(long Offset, int Length, CloopCodec Codec)
{
    public bool IsZero => Length == 0;
}
