namespace VMSeed.Nbd;

/// <summary>What lies at an offset that was asked about, and how far.</summary>
/// <param name="Length">How far it goes, in bytes; never 0.</param>
/// <param name="Kind">What lies there.</param>
public readonly record struct NbdExtent(long Length, NbdExtentKind Kind);
