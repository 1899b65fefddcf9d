namespace VMSeed.ImageBuilder;

/// <summary>Something cannot be built; the message says what to do about it.</summary>
/// <param name="fault">Why.</param>
/// <param name="message">The fact, and what helps: a package, an option.</param>
/// <param name="inner">What was met, if anything.</param>
public sealed class ImageBuilderException(
    ImageBuilderFault fault, string message, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>Why it cannot be built.</summary>
    public ImageBuilderFault Fault => fault;
}
