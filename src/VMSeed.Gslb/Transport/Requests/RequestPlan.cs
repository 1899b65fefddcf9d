using VMSeed.Gslb.Mirrors;

namespace VMSeed.Gslb.Transport.Requests;

/// <summary>What a request of a client asks of mirrors.</summary>
/// <param name="Source">The request as it was sent to the handler; read, never changed.</param>
/// <param name="Path">What follows the root in its address, escaped, without a query.</param>
/// <param name="Wish">The part that is asked for.</param>
internal sealed record RequestPlan(HttpRequestMessage Source, string Path, ByteWish Wish)
{
    // What a file without a length is taken for when sites are compared: most are small.
    private const long UnknownLength = 64 * 1024;

    /// <summary>Judges the content; null where it is not judged, or in parts as it is
    /// read.</summary>
    public Func<ReadOnlyMemory<byte>, bool?>? Check { get; init; }

    /// <summary>Hears that an answer is on its way; null where nobody does.</summary>
    public Action<long>? Progress { get; init; }

    /// <summary>Who waits.</summary>
    public FetchClass Class { get; init; }

    /// <summary>Whether somebody has come to wait for a prefetch; null where nobody can.</summary>
    public Func<bool>? IsWanted { get; init; }

    /// <summary>What an answer must have in common with the one that it continues; null for a
    /// first answer.</summary>
    public Continuity? Continuity { get; init; }

    /// <summary>Whether a body is wanted.</summary>
    public bool HasBody => Source.Method != HttpMethod.Head;

    /// <summary>Whether "not modified" is an answer.</summary>
    public bool IsRevalidation { get; init; }

    /// <summary>The request as the choice of a mirror sees it.</summary>
    public FetchRequest ToFetchRequest() =>
        new(Hash(Path), Wish.Length > 0 ? Wish.Length : UnknownLength, Class);

    /// <summary>Reads a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="root">The root that it may lie below, with a trailing slash.</param>
    /// <returns>Null for a request that is not one for mirrors.</returns>
    public static RequestPlan? TryMake(HttpRequestMessage request, Uri root)
    {
        if ((request.Method != HttpMethod.Get && request.Method != HttpMethod.Head)
            || request.Content is not null
            || request.RequestUri is not { IsAbsoluteUri: true } address
            || !TryGetPath(root, address, out string path)
            || !TryGetWish(request, out ByteWish wish))
        {
            return null;
        }

        request.Options.TryGetValue(MirrorKeys.Check, out Func<ReadOnlyMemory<byte>, bool?>? check);
        request.Options.TryGetValue(MirrorKeys.Progress, out Action<long>? progress);
        request.Options.TryGetValue(MirrorKeys.Wanted, out Func<bool>? isWanted);
        return new RequestPlan(request, path, wish)
        {
            Check = check,
            Progress = progress,
            Class = ClassOf(request),
            IsWanted = isWanted,
            IsRevalidation = request.Headers.NonValidated.Contains("If-None-Match")
                || request.Headers.NonValidated.Contains("If-Modified-Since"),
        };
    }

    private static FetchClass ClassOf(HttpRequestMessage request) =>
        IsSet(request, MirrorKeys.Prefetch) ? FetchClass.Prefetch
        : IsSet(request, MirrorKeys.Mutable) ? FetchClass.Head
        : FetchClass.Demand;

    private static bool IsSet(HttpRequestMessage request, HttpRequestOptionsKey<bool> key) =>
        request.Options.TryGetValue(key, out bool value) && value;

    // A root is a prefix of text, not of meaning: what follows it is copied behind another root.
    private static bool TryGetPath(Uri root, Uri address, out string path)
    {
        path = "";
        bool isBelow = root.Port == address.Port
            && root.Scheme == address.Scheme
            && root.Host == address.Host
            && address.AbsolutePath.StartsWith(root.AbsolutePath, StringComparison.Ordinal);
        if (isBelow)
        {
            path = address.AbsolutePath[root.AbsolutePath.Length..];
        }

        return isBelow;
    }

    // A range that depends on a validator means another request at each mirror; a client that sends
    // one knows a file, not a repository.
    private static bool TryGetWish(HttpRequestMessage request, out ByteWish wish)
    {
        wish = ByteWish.Whole;
        return !request.Headers.NonValidated.TryGetValues("Range", out var ranges)
            || (ranges.Count == 1
                && !request.Headers.NonValidated.Contains("If-Range")
                && ByteWish.TryParse(ranges.ToString(), out wish));
    }

    // FNV-1a: short, and the same in each run, so that what is remembered can be told in a test.
    private static ulong Hash(string path)
    {
        ulong hash = 14695981039346656037;
        foreach (char letter in path)
        {
            hash = (hash ^ letter) * 1099511628211;
        }

        return hash;
    }
}
