namespace VMSeed.Nbd.Protocol;

/// <summary>How a request wants to be done.</summary>
[Flags]
internal enum CommandFlags : ushort
{
    None = 0,

    /// <summary>Durable before it is answered (force unit access).</summary>
    Fua = 1 << 0,
    NoHole = 1 << 1,
    DontFragment = 1 << 2,
    RequestOne = 1 << 3,
    FastZero = 1 << 4,
}
