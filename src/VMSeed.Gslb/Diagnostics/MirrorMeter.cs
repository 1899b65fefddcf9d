using System.Diagnostics.Metrics;

namespace VMSeed.Gslb.Diagnostics;

/// <summary>The instruments of the meter <c>VMSeed.Gslb</c>, in one place.</summary>
/// <remarks>Tags: <c>mirror</c>, the address of a mirror without its query; <c>outcome</c>, how an
/// attempt ended; <c>reason</c>, why a mirror was asked: <c>choice</c>, <c>hedge</c> or
/// <c>retry</c>.</remarks>
internal static class MirrorMeter
{
    /// <summary>The meter's name.</summary>
    public const string Name = "VMSeed.Gslb";

    private static readonly Meter _meter = new(Name);

    /// <summary>Requests of clients that mirrors were chosen for.</summary>
    public static Counter<long> Requests { get; } = _meter.CreateCounter<long>(
        "vmseed.mirror.requests", "{request}", "Requests that mirrors were chosen for.");

    /// <summary>From a request to its checked content, or to the head of a stream.</summary>
    public static Histogram<double> Duration { get; } = _meter.CreateHistogram<double>(
        "vmseed.mirror.request.duration", "s", "From a request to its checked content.");

    /// <summary>Attempts, by mirror and reason: which mirrors are chosen.</summary>
    public static Counter<long> Attempts { get; } = _meter.CreateCounter<long>(
        "vmseed.mirror.attempts", "{attempt}", "Requests sent to mirrors, by mirror and reason.");

    /// <summary>Ends of attempts, by mirror and outcome.</summary>
    public static Counter<long> Outcomes { get; } = _meter.CreateCounter<long>(
        "vmseed.mirror.outcomes", "{attempt}", "Ends of attempts, by mirror and outcome.");

    /// <summary>Attempts beside one that was late.</summary>
    public static Counter<long> Hedges { get; } = _meter.CreateCounter<long>(
        "vmseed.mirror.hedges", "{attempt}", "Attempts beside one that was late.");

    /// <summary>Attempts after one that failed.</summary>
    public static Counter<long> Retries { get; } = _meter.CreateCounter<long>(
        "vmseed.mirror.retries", "{attempt}", "Attempts after one that failed.");

    /// <summary>Mirrors put out of use, by mirror and condition.</summary>
    public static Counter<long> Ejections { get; } = _meter.CreateCounter<long>(
        "vmseed.mirror.ejections", "{ejection}", "Mirrors put out of use, by mirror and kind.");

    /// <summary>Bytes of bodies that mirrors brought.</summary>
    public static Counter<long> Bytes { get; } = _meter.CreateCounter<long>(
        "vmseed.mirror.io", "By", "Bytes of bodies that mirrors brought.");

    /// <summary>Of these, the bytes that nobody got: of attempts overtaken, late or
    /// wrong.</summary>
    public static Counter<long> WastedBytes { get; } = _meter.CreateCounter<long>(
        "vmseed.mirror.io.wasted", "By", "Bytes of bodies that came and that nobody got.");
}
