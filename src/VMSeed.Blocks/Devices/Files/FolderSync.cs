using System.Runtime.InteropServices;

namespace VMSeed.Blocks.Devices.Files;

/// <summary>Makes a folder's entries durable: files that were made, renamed or deleted in it.</summary>
/// <remarks>
/// POSIX makes a rename durable with fsync on the folder, which .NET does not open. Windows has no such
/// call; NTFS keeps its names in a journal, in order.
/// </remarks>
internal static class FolderSync
{
    /// <summary>Waits until the folder's entries would survive the loss of power.</summary>
    /// <param name="path">The folder.</param>
    internal static void Flush(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        int folder = LinuxCalls.Open(path, LinuxCalls.OpenFolder);
        if (folder < 0)
        {
            throw BlockingFile.Failure($"Opening {path}", Marshal.GetLastPInvokeError());
        }

        using var handle = new Microsoft.Win32.SafeHandles.SafeFileHandle(folder, ownsHandle: true);
        if (LinuxCalls.Sync(handle) != 0)
        {
            throw BlockingFile.Failure($"Flushing {path}", Marshal.GetLastPInvokeError());
        }
    }
}
