using System.Runtime.InteropServices;

namespace VMSeed.Fuse.Protocol;

/// <summary>What stands before every reply: struct fuse_out_header.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct OutHeader(uint Length, int Error, ulong Unique)
{
    public const int Size = 16;
}
