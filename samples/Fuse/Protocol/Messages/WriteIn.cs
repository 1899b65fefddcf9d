using System.Runtime.InteropServices;

namespace VMSeed.Fuse.Protocol.Messages;

/// <summary>struct fuse_write_in; the data follows it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct WriteIn(
    ulong Handle,
    ulong Offset,
    uint Size,
    uint WriteFlags,
    ulong LockOwner,
    uint Flags,
    uint Padding)
{
    public const int StructSize = 40;
}
