namespace VMSeed.Gslb.Mirrors;

/// <summary>A place that holds a copy of a repository.</summary>
/// <param name="Address">The copy's root, an absolute http or https address; what a request names
/// below the origin's root is asked for below this one.</param>
public sealed record Mirror(Uri Address)
{
    /// <summary>Its publisher's order of preference, 1 first (RFC 5854 section 4.2.16).</summary>
    /// <value>Null by default: behind all that have one. It is the order in which mirrors are tried
    /// that nobody has measured, and nothing once times are known.</value>
    public int? Priority { get; init; }

    /// <summary>The country that it is in, as two letters (ISO 3166-1).</summary>
    /// <value>Null by default: not known.</value>
    public string? Location { get; init; }
}
