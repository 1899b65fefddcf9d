using System.Runtime.InteropServices;

namespace VMSeed.Fuse.Protocol.Session;

/// <summary>The kernel's offer: struct fuse_init_in, the part that every kernel since 7.6
/// sends.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct InitIn(uint Major, uint Minor, uint MaxReadAhead, InitFlags Flags)
{
    public const int Size = 16;
}
