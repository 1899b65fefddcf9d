using System.Runtime.InteropServices;

namespace VMSeed.Guest.Interop;

/// <summary>Mounting and changing roots.</summary>
internal static partial class Mounts
{
    private const int Detach = 2;

    /// <summary>Mounts a file system on a folder, which is made where it is missing.</summary>
    public static void Mount(
        string source,
        string folder,
        string fileSystem,
        MountFlags flags = MountFlags.None,
        string? options = null)
    {
        Directory.CreateDirectory(folder);
        string with = options is null ? "" : $" with {options}";
        SystemCallException.Check(
            mount(source, folder, fileSystem, (ulong)flags, options),
            $"Mounting {source} ({fileSystem}) on {folder}{with}");
    }

    /// <summary>Makes a folder's file system seen at another folder, without what is mounted
    /// below.</summary>
    public static void Bind(string folder, string other)
    {
        Directory.CreateDirectory(other);
        SystemCallException.Check(
            mount(folder, other, null, (ulong)MountFlags.Bind, null),
            $"Binding {folder} to {other}");
    }

    /// <summary>Moves a mount, with all that is mounted below.</summary>
    public static void Move(string folder, string other) => SystemCallException.Check(
        mount(folder, other, null, (ulong)MountFlags.Move, null), $"Moving {folder} to {other}");

    /// <summary>Makes a mounted file system read-only, which flushes it.</summary>
    public static bool TryMakeReadOnly(string folder) => mount(
        null, folder, null, (ulong)(MountFlags.Remount | MountFlags.ReadOnly), null) == 0;

    /// <summary>Unmounts what nobody uses.</summary>
    public static bool TryUnmount(string folder) => umount2(folder, 0) == 0;

    /// <summary>Takes a mount out of the tree; it ends when nobody uses it any more.</summary>
    public static bool TryDetach(string folder) => umount2(folder, Detach) == 0;

    /// <summary>Makes the working folder the root.</summary>
    public static void ChangeRootToHere()
    {
        SystemCallException.Check(chroot("."), "Changing the root");
        SystemCallException.Check(chdir("/"), "Going to the root");
    }

    /// <summary>Gives the calling thread, and what it starts, a tree of mounts of its
    /// own.</summary>
    public static void LeaveSharedTree()
    {
        const int newMounts = 0x20000;
        SystemCallException.Check(unshare(newMounts), "Parting from the tree of mounts");
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int mount(
        string? source, string target, string? type, ulong flags, string? data);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int umount2(string target, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int chroot(string path);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int chdir(string path);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int unshare(int flags);
}
