using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace VMSeed.Blocks.Primitives;

/// <summary>Makes the names in a folder durable: a rename is on the disk only after that.</summary>
/// <remarks>
/// Unix keeps names in the folder's own blocks, and .NET opens no folder. Windows journals names
/// with the file and offers nothing to call.
/// </remarks>
internal static partial class DirectorySync
{
    private const int ReadOnly = 0; // O_RDONLY, on every Unix.

    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using SafeFileHandle handle = new(Open(folder, ReadOnly), ownsHandle: true);
        if (handle.IsInvalid || Synchronize(handle) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            throw new IOException(
                $"The folder {folder} cannot be made durable.", new Win32Exception(error));
        }
    }

    [LibraryImport(
        "libc",
        EntryPoint = "open",
        SetLastError = true,
        StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Synchronize(SafeFileHandle file);
}
