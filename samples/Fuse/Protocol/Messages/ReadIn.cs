using System.Runtime.InteropServices;

namespace VMSeed.Fuse.Protocol.Messages;

/// <summary>struct fuse_read_in, also the body of FUSE_READDIR and FUSE_READDIRPLUS.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct ReadIn(
    ulong Handle,
    ulong Offset,
    uint Size,
    uint ReadFlags,
    ulong LockOwner,
    uint Flags,
    uint Padding);
