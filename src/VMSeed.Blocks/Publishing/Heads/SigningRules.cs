using System.Globalization;
using VMSeed.Blocks.Images;
using VMSeed.Blocks.Trust;

namespace VMSeed.Blocks.Publishing.Heads;

/// <summary>What publishing and signing anew have in common.</summary>
internal static class SigningRules
{
    /// <summary>Checks the options that both have.</summary>
    public static void Check(
        FaultList faults,
        string repositoryPath,
        string name,
        IReadOnlyList<SecretKey> keys,
        bool allowUnsigned,
        DateTimeOffset? expires,
        TimeSpan? expiresAfter,
        TimeProvider time)
    {
        faults.Require(!string.IsNullOrWhiteSpace(repositoryPath), "RepositoryPath is empty.");
        faults.Require(
            RepositoryPaths.IsImageName(name),
            $"Name '{name}' is not 1 to 64 letters, digits, dots, underscores and hyphens.");
        faults.Require(
            keys.Count > 0 || allowUnsigned, "There are no Keys, and AllowUnsigned is not set.");
        faults.Require(
            keys.Count <= SignedText.MaxSignatures,
            $"{keys.Count} Keys are more than {SignedText.MaxSignatures}.");
        faults.Require(
            keys.Select(key => key.PublicKey).Distinct().Count() == keys.Count,
            "A key is among the Keys twice.");
        faults.Require(
            expires is null || expiresAfter is null, "Expires and ExpiresAfter are both set.");
        faults.Require(
            (expires is null || expires > time.GetUtcNow())
                && (expiresAfter is null || expiresAfter >= TimeSpan.FromSeconds(1)),
            "The head would be expired when it is published.");
    }

    /// <summary>The time of now, as heads have it.</summary>
    public static DateTimeOffset WholeSeconds(DateTimeOffset time) =>
        DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());

    /// <summary>Signs a head's text.</summary>
    public static List<Signature> Sign(
        ReadOnlySpan<byte> text, string name, long version, DateTimeOffset now,
        IEnumerable<SecretKey> keys)
    {
        // Like minisign's own comment, with what a person would ask of a head.
        string comment = string.Create(
            CultureInfo.InvariantCulture,
            $"timestamp:{now.ToUnixTimeSeconds()}\timage:{name}\tversion:{version}");
        var signatures = new List<Signature>();
        foreach (SecretKey key in keys)
        {
            signatures.Add(Signature.Create(key, text, comment));
        }

        return signatures;
    }
}
