namespace VMSeed.Nbd.Protocol;

/// <summary>The errors that a reply can carry; not the system's, though they look like
/// them.</summary>
internal enum ErrorCode : uint
{
    None = 0,
    Permission = 1,
    InputOutput = 5,
    NoMemory = 12,
    Invalid = 22,
    NoSpace = 28,
    Overflow = 75,
    NotSupported = 95,
    Shutdown = 108,
}
