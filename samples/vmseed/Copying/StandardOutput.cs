using System.ComponentModel;
using System.Runtime.InteropServices;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Copying;

// Console.OpenStandardOutput takes a closed pipe for success, so that 'vmseed read … | head -c 1'
// would go on to fetch the whole disk; a FileStream writes at positions of its own, so that a
// shell's next command would write over ours. Hence the system's own write(2).

/// <summary>The standard output as bytes: written forwards, never sought in.</summary>
internal sealed partial class StandardOutput : Stream
{
    private const int Descriptor = 1;
    private const int Interrupted = 4; // EINTR
    private const int BrokenPipe = 32; // EPIPE

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw Refusal();

    public override long Position
    {
        get => throw Refusal();
        set => throw Refusal();
    }

    /// <summary>Writes everything. Returns early, with the bytes still on their way, when
    /// cancelled.</summary>
    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (OperatingSystem.IsWindows())
        {
            await using Stream stream = Console.OpenStandardOutput();
            await stream.WriteAsync(buffer, cancellationToken);
            return;
        }

        await Task.Run(() => WriteAll(buffer.Span), cancellationToken)
            .WaitAsync(cancellationToken);
    }

    public override void Write(byte[] buffer, int offset, int count) =>
        WriteAll(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        // The system's pipe has it.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw Refusal();

    public override long Seek(long offset, SeekOrigin origin) => throw Refusal();

    public override void SetLength(long value) => throw Refusal();

    private static NotSupportedException Refusal() =>
        new("The standard output is only written, from its beginning to its end.");

    private static void WriteAll(ReadOnlySpan<byte> data)
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
