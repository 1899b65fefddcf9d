using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace VMSeed.Gslb.Mirrors.Lists;

/// <summary>The values that all lists of mirrors have in common.</summary>
internal static class MirrorText
{
    /// <summary>The largest priority (RFC 5854 section 4.2.16.2): asked last.</summary>
    public const int LastPriority = 999_999;

    private const int MaxAddress = 2_048;

    /// <summary>Reads a priority.</summary>
    /// <param name="text">The text; null where there is none.</param>
    /// <returns>The priority; null where there is none.</returns>
    /// <exception cref="FormatException">It is no number from 1 to 999999.</exception>
    public static int? ReadPriority(string? text)
    {
        if (text is null)
        {
            return null;
        }

        bool isNumber = int.TryParse(
            text, NumberStyles.None, CultureInfo.InvariantCulture, out int priority);
        return isNumber && priority is >= 1 and <= LastPriority
            ? priority
            : throw new FormatException(
                $"A mirror's priority is '{Shorten(text)}', not 1 to {LastPriority}.");
    }

    /// <summary>Reads a country.</summary>
    /// <param name="text">The text; null where there is none.</param>
    /// <returns>Two lower-case letters; null where there is none.</returns>
    /// <exception cref="FormatException">It is not two letters (ISO 3166-1).</exception>
    public static string? ReadLocation(string? text) =>
        text is null ? null
        : text.Length == 2 && text.All(char.IsAsciiLetter) ? text.ToLowerInvariant()
        : throw new FormatException($"A mirror's country is '{Shorten(text)}', not two letters.");

    /// <summary>Reads an address.</summary>
    /// <param name="text">The text.</param>
    /// <param name="address">The address.</param>
    /// <returns>False for one that no mirror of ours can have: another scheme, a user name, a
    /// fragment.</returns>
    public static bool TryReadAddress(string text, [NotNullWhen(true)] out Uri? address)
    {
        address = null;
        bool isText = text.Length is > 0 and <= MaxAddress
            && !text.AsSpan().ContainsAnyInRange('\0', ' ');
        return isText
            && Uri.TryCreate(text, UriKind.Absolute, out address)
            && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
            && address.Host.Length > 0
            && address.UserInfo.Length == 0
            && address.Fragment.Length == 0;
    }

    private static string Shorten(string text) => text.Length <= 64 ? text : text[..64] + "…";
}
