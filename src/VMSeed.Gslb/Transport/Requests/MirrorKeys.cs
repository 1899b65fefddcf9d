namespace VMSeed.Gslb.Transport.Requests;

/// <summary>What a request says to the handler, and the handler to whoever sent it.</summary>
/// <remarks>
/// The contract is the spelling of the keys and types of .NET alone: neither side needs a
/// reference to the other.
/// <list type="bullet">
/// <item><c>VMSeed.Prefetch</c>, <c>VMSeed.Wanted</c>, <c>VMSeed.Mutable</c>, <c>VMSeed.Root</c>,
/// <c>VMSeed.Mirrors</c>, <c>VMSeed.Check</c> and <c>VMSeed.Progress</c> are set on the request
/// before it is sent;</item>
/// <item><c>VMSeed.Verdict</c> and <c>VMSeed.Mirror</c> are set by the handler before it returns
/// the response.</item>
/// </list>
/// </remarks>
internal static class MirrorKeys
{
    /// <summary>Nobody waits for this request.</summary>
    public static readonly HttpRequestOptionsKey<bool> Prefetch = new("VMSeed.Prefetch");

    /// <summary>Whether somebody has come to wait for it since.</summary>
    public static readonly HttpRequestOptionsKey<Func<bool>> Wanted = new("VMSeed.Wanted");

    /// <summary>The file changes.</summary>
    public static readonly HttpRequestOptionsKey<bool> Mutable = new("VMSeed.Mutable");

    /// <summary>The repository's root as the request is addressed, with a trailing slash.</summary>
    public static readonly HttpRequestOptionsKey<Uri> Root = new("VMSeed.Root");

    /// <summary>Other roots below which the same files are; the same instance each time.</summary>
    public static readonly HttpRequestOptionsKey<IReadOnlyList<Uri>> Mirrors =
        new("VMSeed.Mirrors");

    /// <summary>Judges the whole content that was asked for: true right, false wrong, null
    /// genuine but too old.</summary>
    public static readonly HttpRequestOptionsKey<Func<ReadOnlyMemory<byte>, bool?>> Check =
        new("VMSeed.Check");

    /// <summary>Hears how many bytes have come since the call before, of a content that is held
    /// back until it is checked; 0 when another mirror is asked.</summary>
    public static readonly HttpRequestOptionsKey<Action<long>> Progress = new("VMSeed.Progress");

    /// <summary>Hears whether a stream's bytes were right.</summary>
    public static readonly HttpRequestOptionsKey<Action<long, bool>> Verdict =
        new("VMSeed.Verdict");

    /// <summary>The address that the answer came from, redirects followed.</summary>
    public static readonly HttpRequestOptionsKey<Uri> Mirror = new("VMSeed.Mirror");
}
