using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace VMSeed.Blocks.Devices.Files;

/// <summary>Makes a file's bytes durable.</summary>
/// <remarks>
/// Linux's fdatasync leaves out time stamps, which nobody here asks for and which would cost a
/// journal commit of their own; elsewhere .NET's flush to disk is used.
/// </remarks>
internal static class DataSync
{
    /// <summary>Waits until what was written would survive the loss of power.</summary>
    /// <param name="file">The file.</param>
    internal static void Flush(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux())
        {
            RandomAccess.FlushToDisk(file);
            return;
        }

        while (LinuxCalls.SyncData(file) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error != LinuxCalls.Interrupted)
            {
                // Never tried again: the kernel reports a lost write once and then forgets it.
                throw BlockingFile.Failure("Flushing", error);
            }
        }
    }
}
