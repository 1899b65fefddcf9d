using System.Buffers;

namespace VMSeed.ImageBuilder.Boot;

/// <summary>Names that a stranger's disk has, and that go into the command lines of
/// tools.</summary>
/// <remarks>debugfs reads commands from a file: a name with a line break in it would be one more
/// command, such as one that writes where its author wants.</remarks>
internal static class Name
{
    private static readonly SearchValues<char> _plain = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+~@=,");

    /// <summary>Whether a name is made of what names of kernels and modules are made of, and leads
    /// nowhere else.</summary>
    public static bool IsPlain(string name) =>
        name.Length > 0
        && name[0] is not ('.' or '-')
        && !name.AsSpan().ContainsAnyExcept(_plain);

    /// <summary>Whether a path is made of such names.</summary>
    public static bool IsPlainPath(string path) => path.Split('/').All(IsPlain);
}
