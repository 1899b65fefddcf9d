using System.Runtime.InteropServices;

namespace VMSeed.Guest.Interop;

/// <summary>What a process is to the kernel: its program, its memory, its signals.</summary>
internal static partial class ProcessCalls
{
    private const int BrokenPipe = 13;
    private const int SetName = 15;
    private const int IoFlusher = 57;

    [Flags]
    private enum LockFlags
    {
        Current = 1,
        Future = 2,
        OnFault = 4,
    }

    /// <summary>Becomes another program; returns only where that fails.</summary>
    public static void Execute(string program, IReadOnlyList<string> arguments)
    {
        // Ignored signals stay ignored in the new program; the runtime ignores this one.
        _ = signal(BrokenPipe, 0);
        string?[] environment = [.. Environment.GetEnvironmentVariables().Keys.Cast<string>()
            .Select(name => $"{name}={Environment.GetEnvironmentVariable(name)}"), null];
        _ = execve(program, [.. arguments, null], environment);
    }

    /// <summary>Leaves the session and its terminal.</summary>
    public static void LeaveSession() => _ = setsid();

    /// <summary>Names the process in lists.</summary>
    public static void Name(string name) => _ = prctl(SetName, name, 0, 0, 0);

    /// <summary>Tells the kernel that the calling thread, and what it starts, serves a disk: its
    /// allocations never wait for writes to one.</summary>
    /// <returns>False where the kernel knows no such thing (before 5.6).</returns>
    public static bool TryBecomeIoFlusher() => prctl(IoFlusher, 1, 0, 0, 0) == 0;

    /// <summary>Keeps in memory what has been touched: pages of a disk's server must not have to be
    /// read from that disk.</summary>
    public static void LockMemory() => SystemCallException.Check(
        mlockall((int)(LockFlags.Current | LockFlags.Future | LockFlags.OnFault)),
        "Locking the memory");

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int execve(string path, string?[] arguments, string?[] environment);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial IntPtr signal(int number, IntPtr handler);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int setsid();

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int prctl(int option, long a, long b, long c, long d);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int prctl(int option, string a, long b, long c, long d);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int mlockall(int flags);
}
