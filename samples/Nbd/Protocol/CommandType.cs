namespace VMSeed.Nbd.Protocol;

/// <summary>What a request asks for.</summary>
internal enum CommandType : ushort
{
    Read = 0,
    Write = 1,
    Disconnect = 2,
    Flush = 3,
    Trim = 4,
    Cache = 5,
    WriteZeroes = 6,
    BlockStatus = 7,
}
