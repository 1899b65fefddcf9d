namespace VMSeed.Nbd.Protocol;

/// <summary>What a chunk of a structured reply holds.</summary>
internal enum ChunkType : ushort
{
    None = 0,
    OffsetData = 1,
    OffsetHole = 2,
    BlockStatus = 5,
    Error = 0x8001,
}
