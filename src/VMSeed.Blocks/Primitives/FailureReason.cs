namespace VMSeed.Blocks.Primitives;

/// <summary>Why bytes cannot be had.</summary>
public enum FailureReason
{
    /// <summary>The source answers, and has no such object (404, 410, no such file).</summary>
    Missing = 0,

    /// <summary>Bytes came, and are not those that the signed head stands for.</summary>
    Corrupt = 1,

    /// <summary>The source cannot be reached, stalls, or is overloaded; later it may
    /// answer.</summary>
    Unavailable = 2,

    /// <summary>Bytes came whole and are not trusted: signature, version, expiry, name, or an
    /// answer out of protocol.</summary>
    Refused = 3,
}
