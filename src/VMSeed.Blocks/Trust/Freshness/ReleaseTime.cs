namespace VMSeed.Blocks.Trust.Freshness;

/// <summary>A time that has certainly passed wherever this library runs.</summary>
/// <remarks>
/// It keeps a machine that starts without a clock, in 1970, from believing heads that expired long
/// ago. It is a constant that a release sets forward, not the time of the compilation: the same
/// sources must give the same bytes. One that is months old only costs that much of the protection.
/// </remarks>
internal static class ReleaseTime
{
    public static DateTimeOffset Value { get; } = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
}
