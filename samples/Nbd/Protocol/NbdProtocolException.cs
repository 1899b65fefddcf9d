namespace VMSeed.Nbd.Protocol;

/// <summary>A client breaks the protocol in a way that has no answer but to hang up.</summary>
/// <param name="message">A sentence on what it did.</param>
internal sealed class NbdProtocolException(string message) : IOException(message);
