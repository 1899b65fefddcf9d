namespace VMSeed.Gslb.Networks;

/// <summary>What the file says of a mirror over one network.</summary>
/// <param name="Address">The mirror's root without its query, which may be a secret.</param>
/// <param name="FirstByte">Milliseconds to the first byte; 0 where it was not measured.</param>
/// <param name="Deviation">Its mean absolute deviation.</param>
/// <param name="RoundTrip">The shortest round trip, in milliseconds.</param>
/// <param name="Bandwidth">Bytes per millisecond; 0 where it was not measured.</param>
/// <param name="At">When it was measured last, in seconds of Unix time.</param>
/// <param name="QuarantinedUntil">When its quarantine ends, in seconds of Unix time; 0 where there
/// is none.</param>
internal sealed record SavedMirror(
    string Address,
    double FirstByte,
    double Deviation,
    double RoundTrip,
    double Bandwidth,
    long At,
    long QuarantinedUntil)
{
    // A file that somebody has changed must not lead to sums that overflow: no first byte takes an
    // hour, and no line brings a terabyte a second.
    private const double LongestTime = 3_600_000;
    private const double MostBandwidth = 1e9;

    // Longer than any that a list of mirrors has had; a file of a few addresses stays small.
    private const int LongestAddress = 512;

    // The longest quarantine there is: no file may impose a longer one.
    private const long LongestQuarantine = 86_400;

    /// <summary>Whether every value is one that a mirror can have.</summary>
    /// <param name="now">The time, in seconds of Unix time.</param>
    /// <returns>False where the entry is to be passed over.</returns>
    public bool IsSane(long now) =>
        Address.Length is > 0 and <= LongestAddress
        && IsTime(FirstByte) && IsTime(Deviation) && IsTime(RoundTrip)
        && Bandwidth is >= 0 and <= MostBandwidth
        && QuarantinedUntil <= now + LongestQuarantine;

    private static bool IsTime(double value) => value is >= 0 and <= LongestTime;
}
