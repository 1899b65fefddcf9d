namespace VMSeed.ImageBuilder.Boot.Modules;

/// <summary>The drivers that a seed needs, out of <c>drivers.txt</c>.</summary>
internal static class DriverList
{
    /// <summary>Their names, as the list has them.</summary>
    public static readonly IReadOnlyList<string> Names = Read();

    private static string[] Read()
    {
        using StreamReader reader = new(
            typeof(DriverList).Assembly.GetManifestResourceStream("drivers.txt")!);
        return [.. reader.ReadToEnd()
            .Split('\n')
            .Where(line => !line.StartsWith('#'))
            .SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
    }
}
