namespace VMSeed.Tool.Serving;

/// <summary>The images of a repository's folder, by the heads that lie there.</summary>
internal static class RepositoryListing
{
    public static IReadOnlyList<string> ImagesOf(string folder)
    {
        string images = Path.Join(folder, "images");
        return Directory.Exists(images)
            ? [.. Directory.EnumerateFiles(images, "*.vmseed")
                .Select(Path.GetFileName)
                .OfType<string>()
                .Where(name => name[0] != '.')
                .Order(StringComparer.Ordinal)]
            : [];
    }
}
