using VMSeed.Guest.Programs;

namespace VMSeed.Guest.Booting.Changes;

/// <summary>Removes a tree as overlayfs leaves it: with devices for what was deleted, and a folder
/// without permissions.</summary>
internal static class TreeRemoval
{
    public static void Remove(string folder) => Busybox.Do("rm", "-rf", folder);
}
