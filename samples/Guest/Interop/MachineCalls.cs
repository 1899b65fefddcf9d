using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace VMSeed.Guest.Interop;

/// <summary>What ends a machine or goes on with another kernel, and its clock.</summary>
internal static partial class MachineCalls
{
    private const int RealTime = 0;

    // By architecture: x86-64 has its own table, all newer ones share one.
    private static readonly long s_kexecFileLoad =
        RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 320 : 294;

    /// <summary>Writes what is cached of every file system.</summary>
    public static void Synchronize() => sync();

    /// <summary>Ends the machine; returns only where that fails.</summary>
    public static void End(MachineEnd how) => _ = reboot((int)how);

    /// <summary>Sets the clock.</summary>
    public static void SetClock(DateTimeOffset time)
    {
        long[] value = [time.ToUnixTimeSeconds(), 0];
        SystemCallException.Check(clock_settime(RealTime, value), "Setting the clock");
    }

    /// <summary>Loads a kernel that <see cref="MachineEnd.OtherKernel"/> goes on with.</summary>
    public static void LoadKernel(SafeFileHandle kernel, SafeFileHandle initramfs, string words)
    {
        byte[] text = [.. System.Text.Encoding.UTF8.GetBytes(words), 0];
        SystemCallException.Check(
            syscall(
                s_kexecFileLoad,
                kernel.DangerousGetHandle(),
                initramfs.DangerousGetHandle(),
                text.Length,
                text,
                0),
            "Loading the other kernel");
    }

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void sync();

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int reboot(int how);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int clock_settime(int clock, long[] time);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial long syscall(
        long number, nint kernel, nint initramfs, long length, byte[] words, long flags);
}
