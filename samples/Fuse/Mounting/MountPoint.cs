using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using VMSeed.Fuse.Interop;

namespace VMSeed.Fuse.Mounting;

/// <summary>The directory that is mounted over.</summary>
internal static unsafe class MountPoint
{
    /// <summary>The path without symbolic links. A dead mount at its end does not hinder.</summary>
    /// <exception cref="FuseMountException">There is no such directory.</exception>
    public static string Resolve(string path)
    {
        using SafeFileHandle directory = Libc.open(path, Libc.O_PATH | Libc.O_CLOEXEC);
        if (directory.IsInvalid)
        {
            int error = Marshal.GetLastPInvokeError();
            throw new FuseMountException(error == Errno.ENOENT
                ? $"The mount point '{path}' does not exist. Create it with 'mkdir -p {path}'."
                : $"The mount point '{path}' cannot be entered: "
                    + $"{Marshal.GetPInvokeErrorMessage(error)}.");
        }

        return File.ResolveLinkTarget(
            $"/proc/self/fd/{directory.DangerousGetHandle()}", returnFinalTarget: false)!.FullName;
    }

    /// <summary>Refuses what is no directory, and what is the mount point of something
    /// alive.</summary>
    /// <returns>True when what is mounted there is the remainder of a process that has
    /// died.</returns>
    public static bool IsStale(string resolved)
    {
        MountEntry? entry = MountTable.Find(resolved);
        if (entry is null)
        {
            return Directory.Exists(resolved)
                ? false
                : throw new FuseMountException($"The mount point '{resolved}' is not a directory.");
        }

        if (entry.Type.StartsWith("fuse", StringComparison.Ordinal) && IsDead(resolved))
        {
            return true;
        }

        throw new FuseMountException(
            $"The mount point '{resolved}' is busy: {entry.Type} of '{entry.Source}' is mounted "
            + $"there. Unmount it with 'umount {resolved}', or choose another directory.");
    }

    private static bool IsDead(string resolved)
    {
        using SafeFileHandle root = Libc.open(resolved, Libc.O_PATH | Libc.O_CLOEXEC);
        byte* room = stackalloc byte[Libc.StatFsRoom];
        return !root.IsInvalid
            && Libc.fstatfs(root, room) != 0
            && Marshal.GetLastPInvokeError() == Errno.ENOTCONN;
    }
}
