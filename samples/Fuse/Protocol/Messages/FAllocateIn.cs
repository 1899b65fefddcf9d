using System.Runtime.InteropServices;

namespace VMSeed.Fuse.Protocol.Messages;

/// <summary>struct fuse_fallocate_in.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct FAllocateIn(
    ulong Handle, ulong Offset, ulong Length, uint Mode, uint Padding)
{
    public const uint KeepSize = 1; // FALLOC_FL_KEEP_SIZE of linux/falloc.h
    public const uint PunchHole = 2; // FALLOC_FL_PUNCH_HOLE
    public const uint ZeroRange = 16; // FALLOC_FL_ZERO_RANGE
}
