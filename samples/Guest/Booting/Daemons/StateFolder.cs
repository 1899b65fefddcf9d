using VMSeed.Guest.Booting.Changes;

namespace VMSeed.Guest.Booting.Daemons;

/// <summary>The folder in which the daemon remembers heads and mirrors.</summary>
/// <remarks>It is in memory, and copied from the changes partition and to it: a daemon that held a
/// file there could not be unmounted from, and it must outlive that partition at
/// shutdown.</remarks>
internal static class StateFolder
{
    public const string InMemory = "/run/vmseed/state";

    /// <summary>Where the daemon puts the signed head of the version that it has opened.</summary>
    public const string Head = InMemory + "/booted.vmseed";

    /// <summary>Fills the folder.</summary>
    /// <param name="changes">Where it was kept; null for nowhere.</param>
    /// <returns>Its path.</returns>
    public static string Prepare(ImageChanges? changes)
    {
        Directory.CreateDirectory(InMemory);
        if (changes is not null) { Copy(changes.State, InMemory); }

        return InMemory;
    }

    /// <summary>Keeps what is in the folder.</summary>
    /// <param name="changes">Where it is kept; null for nowhere.</param>
    public static void Keep(ImageChanges? changes)
    {
        if (changes is not null) { Copy(InMemory, changes.State); }
    }

    private static void Copy(string from, string to)
    {
        if (!Directory.Exists(from)) { return; }

        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Join(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            if (File.Exists(target)
                && File.ReadAllBytes(target).AsSpan().SequenceEqual(File.ReadAllBytes(file)))
            {
                continue;
            }

            DurableWrite.To(target, File.ReadAllBytes(file));
        }
    }
}
