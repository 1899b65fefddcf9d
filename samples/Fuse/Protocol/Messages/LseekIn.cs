using System.Runtime.InteropServices;

namespace VMSeed.Fuse.Protocol.Messages;

/// <summary>struct fuse_lseek_in.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct LseekIn(ulong Handle, ulong Offset, uint Whence, uint Padding)
{
    public const uint SeekData = 3;
    public const uint SeekHole = 4;
}
