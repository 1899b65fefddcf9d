namespace VMSeed.Tidy.Tests.Rules.Structure;

/// <summary>The order of the folders in each library: a folder uses the folders before
/// it.</summary>
/// <remarks>The root's own types stand above all folders, but for those that every layer speaks
/// of.</remarks>
internal static class Layers
{
    /// <summary>From the bottom to the top.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> Folders =
        new Dictionary<string, string[]>
        {
            ["VMSeed.Blocks"] =
            [
                "Primitives", "Diagnostics", "Devices", "Overlay", "Codecs", "Trust", "Images",
                "Sources", "Caching", "Reading", "Opening", "Verification", "Publishing",
            ],
            ["VMSeed.Disks"] =
            [
                "Binary", "Access", "Mapping", "Drivers", "Formats", "Converting",
                "Archives",
            ],
            ["VMSeed.Gslb"] =
            [
                "Diagnostics", "Mirrors", "Estimation", "Health", "Selection", "Networks",
                "Hedging", "Transport",
            ],
        };

    /// <summary>Types at the root that every layer may use.</summary>
    public static readonly string[] KnownToAll =
    [
        "BlockDevice", "DiskFormat", "VirtualDiskOptions", "VirtualDiskCreateOptions",
    ];

    /// <summary>Which library may use which other.</summary>
    public static bool MayUse(string library, string other) =>
        library == other || (library == "VMSeed.Disks" && other == "VMSeed.Blocks");

    /// <summary>The folder's height; the root is the top.</summary>
    /// <returns>-1 for a folder that nobody has given a place.</returns>
    public static int HeightOf(string library, string folder) =>
        folder.Length == 0 ? Folders[library].Length : Array.IndexOf(Folders[library], folder);
}
