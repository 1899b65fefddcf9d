using System.Buffers;

namespace VMSeed.Blocks.Sources;

/// <summary>What a path inside a repository may look like.</summary>
/// <remarks>Part of a path comes from what others published, so that a path is never trusted to
/// stay inside: it has no segment that begins with a dot, and no character that a URL, a shell or a
/// file system reads as anything but itself.</remarks>
internal static class ObjectPath
{
    /// <summary>Characters of a path: <c>objects/ab/</c> and 64 digits are 75, and the longest head
    /// has 96.</summary>
    private const int LongestPath = 128;

    private static readonly SearchValues<char> Allowed = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/");

    /// <summary>Whether a path stays inside and means the same everywhere.</summary>
    /// <param name="path">Relative to the repository's root, with forward slashes.</param>
    /// <returns>True when it does.</returns>
    public static bool IsValid(ReadOnlySpan<char> path)
    {
        if (path.Length > LongestPath || path.ContainsAnyExcept(Allowed))
        {
            return false;
        }

        foreach (Range segment in path.Split('/'))
        {
            if (path[segment].IsEmpty || path[segment][0] == '.')
            {
                return false;
            }
        }

        return true;
    }
}
