using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Trust;

/// <summary>
/// Whose signature makes a head believed: the keys that the user pinned, or nobody's.
/// </summary>
internal sealed class TrustPolicy
{
    private readonly PublicKey[] _pinned;

    private TrustPolicy(PublicKey[] pinned) => _pinned = pinned;

    /// <summary>Believes any head: only where the user said so in as many words.</summary>
    public static TrustPolicy Unsigned { get; } = new([]);

    /// <summary>Whether signatures are not asked for.</summary>
    public bool IsUnsigned => _pinned.Length == 0;

    /// <summary>
    /// A text that is the same for the same keys in any order: whole keys, for key numbers can be
    /// imitated.
    /// </summary>
    public string Identity =>
        IsUnsigned ? "unsigned" : string.Join(' ', _pinned.Select(key => key.ToString()));

    /// <summary>Believes what at least one of the keys signed.</summary>
    /// <exception cref="ArgumentException">There is no key: that would be no policy.</exception>
    public static TrustPolicy Pinned(IEnumerable<PublicKey> keys)
    {
        PublicKey[] distinct =
            [.. keys.Distinct().OrderBy(key => key.ToString(), StringComparer.Ordinal)];
        return distinct.Length > 0 ? new TrustPolicy(distinct) : throw new ArgumentException(
            "No public key is pinned; reading unsigned images is an option of its own.",
            nameof(keys));
    }

    /// <summary>Finds out which of the pinned keys signed a text.</summary>
    /// <returns>The keys, at least one; none under <see cref="Unsigned"/>.</returns>
    /// <exception cref="BlockIOException">Refused: no good signature of a pinned key.</exception>
    public IReadOnlyList<PublicKey> Verify(SignedText text)
    {
        if (IsUnsigned)
            return [];
        byte[] hash = Signature.HashOf(text.Body.Span);
        PublicKey[] signers =
            [.. _pinned.Where(key => text.Signatures.Any(one => one.Verify(key, hash)))];
        return signers.Length > 0 ? signers : throw new BlockIOException(
            FailureReason.Refused, $"The signed file {text.Source} is refused: {Fault(text)}.")
        {
            ObjectName = text.Source,
        };
    }

    private string Fault(SignedText text)
    {
        if (text.Signatures.Count == 0)
        {
            return "it carries no signature, and one of " + Ids(_pinned.Select(key => key.KeyId))
                + " is demanded";
        }

        bool claimed = text.Signatures.Any(one => _pinned.Any(one.Claims));
        return claimed
            ? $"the signature of {Ids(text.Signatures.Select(one => one.KeyId))} does not match"
                + " the text"
            : $"it is signed by {Ids(text.Signatures.Select(one => one.KeyId))}, and pinned is"
                + $" {Ids(_pinned.Select(key => key.KeyId))}";
    }

    private static string Ids(IEnumerable<string> ids) =>
        "key " + string.Join(", ", ids.Distinct());
}
