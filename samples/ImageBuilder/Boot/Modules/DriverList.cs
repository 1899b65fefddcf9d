namespace VMSeed.ImageBuilder.Boot.Modules;

/// <summary>The drivers that a seed needs, out of <c>drivers.txt</c>.</summary>
internal static class DriverList
{
    /// <summary>Their names, as the list has them.</summary>
    public static readonly IReadOnlyList<string> Names = Read();

    // What a root may be on, and nothing else of a seed is: half of the weight of all drivers.
    private static readonly string[] _roots = ["xfs", "btrfs", "erofs", "squashfs", "isofs"];

    /// <summary>Those that one root needs.</summary>
    /// <param name="root">Its type, as a head has it, such as
    /// <c>iso9660/squashfs:live/root.squashfs</c>; null where it is not known yet.</param>
    public static IReadOnlyList<string> For(string? root)
    {
        if (root is null)
        {
            return Names;
        }

        string[] types = [.. root.Split(':')[0].Split('/').Select(
            type => type == "iso9660" ? "isofs" : type)];
        return [.. Names.Where(name => !_roots.Contains(name) || types.Contains(name))];
    }

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
