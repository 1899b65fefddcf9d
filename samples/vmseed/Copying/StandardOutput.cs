using System.ComponentModel;
using System.Runtime.InteropServices;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Copying;

// Console.OpenStandardOutput takes a closed pipe for success, so that 'vmseed read … | head -c 1'
// would go on
// to fetch the whole disk; a FileStream writes at positions of its own, so that a shell's next
// command
// would write over ours. Hence the system's own write(2).

/// <summary>The standard output as bytes.</summary>
internal static partial class StandardOutput
{
    private const int Descriptor = 1;
    private const int Interrupted = 4; // EINTR
    private const int BrokenPipe = 32; // EPIPE

    /// <summary>Writes everything. Returns early, with the bytes still on their way, when
    /// cancelled.</summary>
    public static async Task WriteAsync(
        ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows())
        {
            await using Stream stream = Console.OpenStandardOutput();
            await stream.WriteAsync(data, cancellationToken);
            return;
        }

        await Task.Run(() => Write(data.Span), cancellationToken).WaitAsync(cancellationToken);
    }

    private static void Write(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            nint count = write(Descriptor, data, (nuint)data.Length);
            if (count >= 0)
            {
                data = data[(int)count..];
                continue;
            }

            int error = Marshal.GetLastPInvokeError();
            if (error == BrokenPipe)
            {
                throw new ToolException(ExitCode.PipeClosed, "the reader of the output has left.");
            }

            if (error != Interrupted)
            {
                throw new IOException(
                    $"Cannot write to the standard output: {new Win32Exception(error).Message}.");
            }
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint write(int descriptor, ReadOnlySpan<byte> data, nuint count);
}
