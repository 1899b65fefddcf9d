namespace VMSeed.ImageBuilder.Tools;

/// <summary>A clock that stands.</summary>
/// <param name="now">What it says.</param>
internal sealed class FixedTime(DateTimeOffset now) : TimeProvider
{
    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => now;
}
