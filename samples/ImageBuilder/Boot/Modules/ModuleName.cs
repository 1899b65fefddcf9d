namespace VMSeed.ImageBuilder.Boot.Modules;

/// <summary>What a module is called, and what its file is.</summary>
internal static class ModuleName
{
    private const string Ending = ".ko";

    /// <summary>The name of a module: to the kernel, hyphens and underscores are the
    /// same.</summary>
    /// <param name="path">The module's file, or a name as somebody has written it.</param>
    public static string Of(string path)
    {
        string file = WithoutCompression(path[(path.LastIndexOf('/') + 1)..]);
        return (file.EndsWith(Ending, StringComparison.Ordinal) ? file[..^Ending.Length] : file)
            .Replace('-', '_');
    }

    /// <summary>A module's file as it is called once it is unpacked.</summary>
    public static string WithoutCompression(string path) =>
        path.LastIndexOf(Ending + ".", StringComparison.Ordinal) is >= 0 and int at
            ? path[..(at + Ending.Length)]
            : path;
}
