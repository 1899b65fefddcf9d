using VMSeed.Guest.Booting.Changes;
using VMSeed.Guest.Interop;

namespace VMSeed.Guest.Booting.Roots;

/// <summary>The root of the running system: the user's changes over the image.</summary>
/// <param name="undo">Gets what takes it away again.</param>
internal sealed class OverlayRoot(Stack<Func<ValueTask>> undo)
{
    // Not below /run, which is moved into it.
    private const string Folder = "/sysroot";
    private const string Memory = "/run/initramfs/memory";

    /// <summary>Mounts it.</summary>
    /// <param name="lower">The image's root.</param>
    /// <param name="changes">The changes; null to keep what is changed in memory.</param>
    /// <returns>The folder, and that of the changes.</returns>
    public (string Root, string Upper) Mount(string lower, ImageChanges? changes)
    {
        if (changes is null)
        {
            Mounts.Mount("tmpfs", Memory, "tmpfs", MountFlags.None, "mode=0755,size=75%");
            undo.Push(() => Unmount(Memory));
            changes = new ImageChanges("memory", Memory);
        }

        changes.Prepare();

        // The lower tree may be another one at the next boot (a newer version), which an index
        // would refuse; redirect_dir lets folders of the image be renamed.
        Mounts.Mount(
            "vmseed",
            Folder,
            "overlay",
            MountFlags.None,
            $"lowerdir={lower},upperdir={changes.Upper},workdir={changes.Work},"
            + "index=off,metacopy=off,redirect_dir=on,xino=off");
        undo.Push(() => Unmount(Folder));
        return (Folder, changes.Upper);
    }

    private static ValueTask Unmount(string folder)
    {
        if (!Mounts.TryUnmount(folder)) { _ = Mounts.TryDetach(folder); }

        return default;
    }
}
