using System.Buffers;
using System.Globalization;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Images;

/// <summary>Where things lie in a repository (docs/IMAGE-FORMAT.md, section 1).</summary>
internal static class RepositoryPaths
{
    /// <summary>The ending of heads.</summary>
    public const string HeadSuffix = ".vmseed";

    private const int MaxNameLength = 64;

    private static readonly SearchValues<char> _nameCharacters = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    public static string Head(string name) => $"images/{name}{HeadSuffix}";

    public static string VersionFolder(string name) => $"images/{name}";

    public static string VersionHead(string name, long version) =>
        string.Create(CultureInfo.InvariantCulture, $"images/{name}/{version}{HeadSuffix}");

    public static string Object(Digest digest)
    {
        string name = digest.ToString();
        return $"objects/{name[..2]}/{name}";
    }

    /// <summary>Whether an image may be called that.</summary>
    public static bool IsImageName(ReadOnlySpan<char> name) =>
        name.Length is > 0 and <= MaxNameLength
        && char.IsAsciiLetterOrDigit(name[0])
        && !name.ContainsAnyExcept(_nameCharacters);
}
