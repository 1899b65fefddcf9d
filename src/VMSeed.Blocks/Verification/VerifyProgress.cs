namespace VMSeed.Blocks.Verification;

/// <summary>How far a check of an image has come.</summary>
/// <param name="Blocks">Blocks that were looked at.</param>
/// <param name="DataBlocks">Blocks of the image that are not zero.</param>
/// <param name="BytesRead">Bytes that were read.</param>
/// <param name="Faults">Objects that are bad.</param>
public readonly record struct VerifyProgress(
    long Blocks, long DataBlocks, long BytesRead, int Faults);
