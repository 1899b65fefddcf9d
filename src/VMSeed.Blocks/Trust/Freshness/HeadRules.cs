namespace VMSeed.Blocks.Trust.Freshness;

// What a newly fetched head is held to, after its signature:
//
//   another name or version than asked for     another image's head under this address
//   a lower version                            rollback
//   a version more than 2^32 higher            fast-forward: none could follow one near 2^63
//   the same version, other content            equivocation: two disks under one number
//   the same version, signed earlier           replay of a head that was signed anew since
//   expired                                    freeze
//
// A version that the user named is held only to its name and number, and to what was accepted under
// that number before; it is old on purpose. Re-signing changes the times and the signatures of a
// head, and nothing else, so a head of the same version and content that is not signed earlier is
// welcome.

/// <summary>Decides whether a head may follow the one that was accepted last.</summary>
internal static class HeadRules
{
    /// <summary>
    /// How far a version may grow at once. Wide enough for versions that are dates in seconds (a
    /// gap of 136 years); narrow enough that 2^31 such jumps are needed to use the numbers up.
    /// </summary>
    public const long MaxJump = 1L << 32;

    /// <summary>Finds the rule that a head breaks.</summary>
    /// <returns>The fault as the end of a sentence, or null.</returns>
    public static string? FindFault(
        HeadFacts head, HeadRequest request, HeadFacts? accepted, DateTimeOffset now) =>
        FindOtherHead(head, request)
        ?? (accepted is null ? null : FindStale(head, accepted))
        ?? (request.Version is null && head.Expires <= now
            ? $"it expired on {head.Expires:u} and it is now at least {now:u}"
            : null);

    private static string? FindOtherHead(HeadFacts head, HeadRequest request)
    {
        if (!string.Equals(head.Name, request.Name, StringComparison.Ordinal))
        {
            return $"it is of the image '{head.Name}', and '{request.Name}' was asked for";
        }

        return request.Version is long version && version != head.Version
            ? $"it is of version {head.Version}, and {version} was asked for"
            : null;
    }

    private static string? FindStale(HeadFacts head, HeadFacts accepted)
    {
        if (head.Version != accepted.Version)
        {
            return FindJump(head.Version, accepted.Version);
        }

        if (head.Content != accepted.Content)
        {
            return $"its content is not that of the version {head.Version} accepted before";
        }

        return head.Signed < accepted.Signed
            ? $"it was signed on {head.Signed:u}, before the one accepted, of {accepted.Signed:u}"
            : null;
    }

    private static string? FindJump(long version, long accepted)
    {
        if (version < accepted)
        {
            return $"its version {version} is lower than {accepted}, which was accepted before";
        }

        return version - accepted > MaxJump
            ? $"its version {version} is more than {MaxJump} above {accepted}, accepted before"
            : null;
    }
}
