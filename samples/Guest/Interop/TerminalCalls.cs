using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace VMSeed.Guest.Interop;

/// <summary>Terminals, opened without becoming their session.</summary>
/// <remarks>The runtime's own way lacks O_NOCTTY: a daemon that leads a session would take the
/// console away from the log-in prompt.</remarks>
internal static partial class TerminalCalls
{
    // open(2) and poll(2) of Linux, the same on every architecture that .NET runs on.
    private const int WriteOnly = 1;
    private const int ReadOnlyWithoutWaiting = 0x800;
    private const int NoControl = 0x100;
    private const int CloseOnExecution = 0x80000;
    private const short HasInput = 1;

    /// <summary>Opens a terminal for writing.</summary>
    /// <returns>An invalid handle where that fails.</returns>
    public static SafeFileHandle OpenToWrite(string device) => new(
        open(device, WriteOnly | NoControl | CloseOnExecution), ownsHandle: true);

    /// <summary>Opens a terminal for reading.</summary>
    /// <returns>An invalid handle where that fails.</returns>
    public static SafeFileHandle OpenToRead(string device) => new(
        open(device, ReadOnlyWithoutWaiting | NoControl | CloseOnExecution), ownsHandle: true);

    /// <summary>Waits until one of several has input.</summary>
    /// <returns>Its index; -1 when it is late.</returns>
    public static int WaitForInput(IReadOnlyList<SafeFileHandle> terminals, TimeSpan patience)
    {
        PollEntry[] entries = [.. terminals.Select(terminal => new PollEntry
        {
            // The kernel passes over negative ones, which an invalid handle is.
            Descriptor = (int)terminal.DangerousGetHandle(),
            Wanted = HasInput,
        })];
        _ = poll(entries, (ulong)entries.Length, (int)patience.TotalMilliseconds);
        return Array.FindIndex(entries, entry => (entry.Found & HasInput) != 0);
    }

    /// <summary>Writes all of a text; what the terminal does not take is lost.</summary>
    public static void Write(SafeFileHandle terminal, ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            nint count = write(terminal, text, (nuint)text.Length);
            if (count <= 0) { return; }

            text = text[(int)count..];
        }
    }

    /// <summary>Reads what is there.</summary>
    /// <returns>How many bytes; 0 where there is nothing.</returns>
    public static int Read(SafeFileHandle terminal, Span<byte> buffer) =>
        (int)Math.Max(0, read(terminal, buffer, (nuint)buffer.Length));

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint write(
        SafeFileHandle terminal, ReadOnlySpan<byte> bytes, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint read(SafeFileHandle terminal, Span<byte> bytes, nuint count);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int poll(
        [In, Out] PollEntry[] entries, ulong count, int milliseconds);

    private struct PollEntry
    {
        public int Descriptor;
        public short Wanted;
        public short Found;
    }
}
