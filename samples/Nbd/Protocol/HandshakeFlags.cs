namespace VMSeed.Nbd.Protocol;

/// <summary>What the server offers with its greeting, and the client answers with.</summary>
[Flags]
internal enum HandshakeFlags : ushort
{
    None = 0,
    FixedNewstyle = 1,

    /// <summary>The 124 zeros that end the oldest way to choose an export are left out.</summary>
    NoZeroes = 2,
}
