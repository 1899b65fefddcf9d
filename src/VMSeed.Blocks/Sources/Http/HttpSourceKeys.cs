namespace VMSeed.Blocks.Sources.Http;

/// <summary>What a lazy disk and the handlers inside its HttpClient say to each other.</summary>
/// <remarks>
/// <para>The contract is the spelling of the keys and types of .NET alone, so that a handler needs
/// no reference to this library. Set by the disk on a request:</para>
/// <list type="bullet">
/// <item><c>VMSeed.Prefetch</c>, a <see cref="bool"/>: true where no reader waits for it. Such a
/// request is neither hedged nor sent in front of others. Absent means that a reader waits.</item>
/// <item><c>VMSeed.Wanted</c>, a <see cref="Func{TResult}"/> of <see cref="bool"/>, on such a
/// request: whether a reader has come to wait for it since. It may be asked at any time and from
/// any thread, and once true it stays. Absent means that nobody can come.</item>
/// <item><c>VMSeed.Root</c>, a <see cref="Uri"/>: the repository's root as this request is
/// addressed, with a slash at its end, without query, user name and password. What follows it in
/// the path of the request's address exists below the root of every mirror. The query of the
/// request and its Authorization belong to this root's host and are sent to no other. Absent means
/// that the file is nowhere else.</item>
/// <item><c>VMSeed.Mirrors</c>, an <see cref="IReadOnlyList{T}"/> of <see cref="Uri"/>: where else
/// the repository is, by its signed head, or at the opening by the head that was accepted last. The
/// same instance from one request to the next, so that a handler compares references. Absent until
/// it is known, and where the head names none.</item>
/// <item><c>VMSeed.Check</c>, a <see cref="Func{T,TResult}"/> of <see cref="ReadOnlyMemory{T}"/> of
/// <see cref="byte"/> and a nullable <see cref="bool"/>: judges the whole body that was asked for,
/// which of a range is the range. True: it is right. False: it cannot be, whoever sent it is to
/// blame, or the way. Null: it is genuine and older than what is known, to be asked for elsewhere
/// and nobody's fault. Pure, safe for any thread, as quick as a hash, and may be called several
/// times, also after the request has ended. It spares a reader the second request; the disk checks
/// what it gets all the same. Absent where a part says nothing about the whole.</item>
/// <item><c>VMSeed.Mutable</c>, a <see cref="bool"/>: true for the one kind of file that a
/// publisher changes. A mirror that has an older one than another is late.</item>
/// <item><c>VMSeed.Progress</c>, an <see cref="Action{T}"/> of <see cref="long"/>: called by a
/// handler that holds an answer back until it has checked it, with the bytes that have come for the
/// request since the call before, from whatever mirror; with 0 when it turns to another. The disk's
/// patience with a silent server begins anew at each call. From any thread, until the response is
/// returned; later calls do nothing.</item>
/// </list>
/// <para>Set by a handler on the request that it was given, before it returns the response:</para>
/// <list type="bullet">
/// <item><c>VMSeed.Verdict</c>, an <see cref="Action{T1,T2}"/> of <see cref="long"/> and
/// <see cref="bool"/>, which the disk calls as contents are judged. The number says how many bytes
/// of the body have been judged, counted from the first that was asked for; the truth value says
/// whether those since the verdict before are what the signed head stands for. It comes from any
/// thread, in order for one request, perhaps after the body has been disposed of, perhaps never; it
/// returns at once and throws nothing.</item>
/// </list>
/// <para>A plain file that nobody has published (HttpRangeDevice) has no root: only the server's
/// ETag binds it, and a strong ETag tells versions apart at one address (RFC 9110 section 8.8.3),
/// not copies at several. nginx makes it of time and size: two disks of one size that were written
/// in the same second have the same. With no digest to find that out, parts of both would be read
/// as one disk.</para>
/// </remarks>
internal static class HttpSourceKeys
{
    /// <summary>Set by the disk: no reader waits for this request.</summary>
    public static readonly HttpRequestOptionsKey<bool> Prefetch = new("VMSeed.Prefetch");

    /// <summary>Set by the disk: whether a reader waits for this request by now.</summary>
    public static readonly HttpRequestOptionsKey<Func<bool>> Wanted = new("VMSeed.Wanted");

    /// <summary>Set by the disk: the repository's root, where this request goes.</summary>
    public static readonly HttpRequestOptionsKey<Uri> Root = new("VMSeed.Root");

    /// <summary>Set by the disk: where else the repository is.</summary>
    public static readonly HttpRequestOptionsKey<IReadOnlyList<Uri>> Mirrors =
        new("VMSeed.Mirrors");

    /// <summary>Set by the disk: judges the body.</summary>
    public static readonly HttpRequestOptionsKey<Func<ReadOnlyMemory<byte>, bool?>> Check =
        new("VMSeed.Check");

    /// <summary>Set by the disk: the file is one that a publisher changes.</summary>
    public static readonly HttpRequestOptionsKey<bool> Mutable = new("VMSeed.Mutable");

    /// <summary>Set by the disk: hears that an answer is on its way.</summary>
    public static readonly HttpRequestOptionsKey<Action<long>> Progress = new("VMSeed.Progress");

    /// <summary>Set by a handler: where it wishes to hear whether the content was right.</summary>
    public static readonly HttpRequestOptionsKey<Action<long, bool>> Verdict =
        new("VMSeed.Verdict");
}
