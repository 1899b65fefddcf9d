using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace VMSeed.Blocks.Devices.Files;

/// <summary>Reads and writes as much as can be had without waiting for a disk.</summary>
/// <remarks>
/// Linux answers the question "is it in the page cache?" together with the bytes: preadv2 and
/// pwritev2 with RWF_NOWAIT transfer what they can at once and stop there (preadv2(2)). Whoever
/// gets less than all hands the rest to a thread that may wait. Elsewhere, and on file systems that
/// do not know the flag (NFS, for one), nothing can be had at once, and every transfer goes to such
/// a thread.
/// </remarks>
internal sealed class CachedTransfer
{
    private const int NoWaitFlag = 8; // RWF_NOWAIT of linux/fs.h

    // preadv2 takes an off_t, which has 64 bits for certain only where a pointer has.
    private static bool s_offered = OperatingSystem.IsLinux() && nint.Size == 8;

    private volatile bool _reads = s_offered;
    private volatile bool _writes = s_offered;

    /// <summary>Whether the file system tells of writes that they would wait, as far as is
    /// known.</summary>
    internal bool Foresees => _writes;

    /// <summary>Reads the cached beginning of a range.</summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">Where to begin, in bytes.</param>
    /// <param name="buffer">Where the bytes go.</param>
    /// <returns>How many bytes came, from 0 to all; no error is told here.</returns>
    internal int Read(SafeFileHandle file, long offset, Span<byte> buffer) =>
        _reads && OperatingSystem.IsLinux() ? ReadLinux(file, offset, buffer) : 0;

    /// <summary>Writes the beginning of a range, as far as no disk is waited for.</summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">Where to begin, in bytes.</param>
    /// <param name="data">The bytes.</param>
    /// <returns>How many bytes went, from 0 to all; no error is told here.</returns>
    internal int Write(SafeFileHandle file, long offset, ReadOnlySpan<byte> data) =>
        _writes && OperatingSystem.IsLinux() ? WriteLinux(file, offset, data) : 0;

    [SupportedOSPlatform("linux")]
    private unsafe int ReadLinux(SafeFileHandle file, long offset, Span<byte> buffer)
    {
        try
        {
            fixed (byte* start = buffer)
            {
                LinuxCalls.IoVector vector = new(start, (nuint)buffer.Length);
                nint count = LinuxCalls.ReadVector(file, &vector, 1, offset, NoWaitFlag);
                if (count >= 0)
                {
                    return (int)count;
                }
            }

            _reads = !IsRefusal(Marshal.GetLastSystemError());
        }
        catch (EntryPointNotFoundException)
        {
            s_offered = _reads = _writes = false; // A C library from before the call (musl 1.2.4).
        }

        return 0;
    }

    [SupportedOSPlatform("linux")]
    private unsafe int WriteLinux(SafeFileHandle file, long offset, ReadOnlySpan<byte> data)
    {
        try
        {
            fixed (byte* start = data)
            {
                LinuxCalls.IoVector vector = new(start, (nuint)data.Length);
                nint count = LinuxCalls.WriteVector(file, &vector, 1, offset, NoWaitFlag);
                if (count >= 0)
                {
                    return (int)count;
                }
            }

            _writes = !IsRefusal(Marshal.GetLastSystemError());
        }
        catch (EntryPointNotFoundException)
        {
            s_offered = _reads = _writes = false;
        }

        return 0;
    }

    // The runtime may have changed errno on the way back; a refusal that is missed costs one more
    // try.
    [SupportedOSPlatform("linux")]
    private static bool IsRefusal(int error) => error
        is LinuxCalls.NotSupported or LinuxCalls.NoSuchCall or LinuxCalls.InvalidArgument;
}
