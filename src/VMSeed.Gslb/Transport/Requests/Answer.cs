using VMSeed.Gslb.Mirrors;

namespace VMSeed.Gslb.Transport.Requests;

/// <summary>What the head of an answer says.</summary>
/// <param name="Outcome">Live where its body is what was asked for; else how the attempt has
/// ended.</param>
/// <param name="Fact">The end of a sentence that begins with the mirror, where it is not what was
/// asked for.</param>
/// <param name="Length">Bytes of the body; -1 where that is not told.</param>
/// <param name="Total">Bytes of the file; -1 where that is not told.</param>
/// <param name="RetryAfter">Milliseconds that the server asks to be left alone; 0 where it does
/// not.</param>
internal readonly record struct Answer(
    AttemptOutcome Outcome, string? Fact, long Length, long Total, double RetryAfter)
{
    /// <summary>Whether the body is what was asked for.</summary>
    public bool IsGood => Outcome == AttemptOutcome.Live;

    /// <summary>The body is what was asked for.</summary>
    public static Answer Good(long length, long total) =>
        new(AttemptOutcome.Live, null, length, total, 0);

    /// <summary>The attempt has ended.</summary>
    public static Answer Bad(AttemptOutcome outcome, string fact, double retryAfter = 0) =>
        new(outcome, fact, 0, -1, retryAfter);
}
