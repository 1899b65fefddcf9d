namespace VMSeed.Blocks.Sources.Http;

/// <summary>What a lazy disk and the handlers inside its HttpClient say to each other.</summary>
/// <remarks>
/// The contract is the spelling of the keys and types of .NET alone, so that a handler needs no
/// reference to this library:
/// <list type="bullet">
/// <item><c>VMSeed.Prefetch</c>, a <see cref="bool"/> that the disk sets on a request: true where
/// no reader waits for it. Such a request is neither hedged nor sent in front of others. Absent
/// means that a reader waits.</item>
/// <item><c>VMSeed.Verdict</c>, an <see cref="Action{T1,T2}"/> of <see cref="long"/> and
/// <see cref="bool"/> that a handler sets on the request it was given, before it returns the
/// response. The disk calls it as contents are judged. The number says how many bytes of the body
/// have been judged, counted from the first that was asked for; the truth value says whether those
/// since the verdict before are what the signed head stands for. It comes from any thread, in order
/// for one request, perhaps after the body has been disposed of, perhaps never; it returns at once
/// and throws nothing.</item>
/// </list>
/// </remarks>
internal static class HttpSourceKeys
{
    /// <summary>Set by the disk: no reader waits for this request.</summary>
    public static readonly HttpRequestOptionsKey<bool> Prefetch = new("VMSeed.Prefetch");

    /// <summary>Set by a handler: where it wishes to hear whether the content was right.</summary>
    public static readonly HttpRequestOptionsKey<Action<long, bool>> Verdict =
        new("VMSeed.Verdict");
}
