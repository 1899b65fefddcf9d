namespace VMSeed.Disks.Formats.Vhd;

/// <summary>The four characters that say who made an image, and by which some readers decide how
/// large its disk is (VhdGeometry).</summary>
internal static class VhdCreator
{
    /// <summary>What Windows signs with.</summary>
    public const string Windows = "win ";

    /// <summary>What this library signs with.</summary>
    public const string Own = "vmsd";

    public static string Name(VirtualDiskCreateOptions options) => Own;
}
