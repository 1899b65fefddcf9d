using System.Runtime.InteropServices;

namespace VMSeed.Fuse.Protocol;

/// <summary>What stands before every request: struct fuse_in_header.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct InHeader(
    uint Length,
    Opcode Opcode,
    ulong Unique,
    ulong Node,
    uint Uid,
    uint Gid,
    uint Pid,
    ushort ExtensionLength,
    ushort Padding)
{
    public const int Size = 40;
}
