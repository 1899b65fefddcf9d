namespace VMSeed.Gslb.Selection;

/// <summary>What is kept of a site from one run to the next.</summary>
/// <param name="FirstByte">Milliseconds to the first byte.</param>
/// <param name="Deviation">Its mean absolute deviation.</param>
/// <param name="RoundTrip">The shortest round trip, in milliseconds.</param>
/// <param name="Bandwidth">Bytes per millisecond; 0 where it was not measured.</param>
/// <param name="Age">Milliseconds since the last measurement.</param>
/// <param name="QuarantinedFor">Milliseconds that its quarantine still lasts; 0 where there is
/// none.</param>
internal sealed record SiteMemory(
    double FirstByte,
    double Deviation,
    double RoundTrip,
    double Bandwidth,
    double Age,
    double QuarantinedFor);
