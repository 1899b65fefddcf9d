namespace VMSeed.Nbd.Protocol;

/// <summary>What a client asks for in the handshake.</summary>
internal enum OptionType : uint
{
    ExportName = 1,
    Abort = 2,
    List = 3,
    StartTls = 5,
    Info = 6,
    Go = 7,
    StructuredReply = 8,
    ListMetaContext = 9,
    SetMetaContext = 10,
}
