namespace VMSeed.Fuse;

/// <summary>A file system could not be mounted. The message names the fact and what to do about
/// it.</summary>
/// <param name="message">One or two sentences for the user.</param>
/// <param name="inner">What was caught below, where there is such a thing.</param>
public sealed class FuseMountException(string message, Exception? inner = null)
    : IOException(message, inner);
