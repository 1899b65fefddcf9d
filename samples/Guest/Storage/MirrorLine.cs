namespace VMSeed.Guest.Storage;

/// <summary>What the daemon says of one mirror.</summary>
/// <param name="Address">Its root.</param>
/// <param name="Condition">Whether it may be asked.</param>
/// <param name="Requests">Requests that it was given.</param>
/// <param name="Bytes">Bytes that it sent.</param>
/// <param name="Corrupt">How often its bytes were wrong.</param>
internal sealed record MirrorLine(
    string Address, string Condition, long Requests, long Bytes, long Corrupt);
