namespace VMSeed.ImageBuilder.Boot.Roots;

/// <summary>A file to be copied out of a guest's root.</summary>
/// <param name="Path">Where it is in the root.</param>
/// <param name="Target">The local file to make.</param>
internal readonly record struct FileCopy(string Path, string Target);
