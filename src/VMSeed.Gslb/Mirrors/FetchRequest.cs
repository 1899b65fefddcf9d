namespace VMSeed.Gslb.Mirrors;

/// <summary>What is to be fetched, as far as the choice of a mirror depends on it.</summary>
/// <param name="Object">Stands for the file, so that a mirror that lacks it is not asked again: a
/// hash of its path.</param>
/// <param name="Length">Bytes that are expected.</param>
/// <param name="Class">Who waits for them.</param>
internal readonly record struct FetchRequest(ulong Object, long Length, FetchClass Class);
