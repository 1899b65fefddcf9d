namespace VMSeed.Nbd.Negotiation;

/// <summary>What a handshake has led to.</summary>
/// <param name="Export">The disk that the client chose.</param>
/// <param name="Length">Its size in bytes as the client was told.</param>
/// <param name="Structured">Whether replies are structured.</param>
/// <param name="Contexts">The views of the map that the client may ask for.</param>
internal sealed record Agreement(
    NbdExport Export, long Length, bool Structured, MetaContext[] Contexts);
