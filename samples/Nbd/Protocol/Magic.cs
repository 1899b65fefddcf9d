namespace VMSeed.Nbd.Protocol;

/// <summary>The numbers that begin each message.</summary>
internal static class Magic
{
    /// <summary>"NBDMAGIC": the server's first word.</summary>
    public const ulong Server = 0x4e42444d41474943;

    /// <summary>"IHAVEOPT": the second word of the newstyle handshake, and the first of each
    /// option.</summary>
    public const ulong Option = 0x49484156454f5054;

    public const ulong OptionReply = 0x3e889045565a9;
    public const uint Request = 0x25609513;
    public const uint SimpleReply = 0x67446698;
    public const uint StructuredReply = 0x668e33ef;
}
