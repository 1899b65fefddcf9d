using System.Runtime.InteropServices;

namespace VMSeed.Fuse.Protocol;

/// <summary>The kernel's offer: struct fuse_init_in, the part that every kernel since 7.6 sends.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct InitIn(uint Major, uint Minor, uint MaxReadAhead, InitFlags Flags)
{
    public const int Size = 16;
}

/// <summary>Our answer: struct fuse_init_out as it is since 7.23, 64 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Size = Size)]
internal struct InitOut
{
    public const int Size = 64;

    public uint Major;
    public uint Minor;
    public uint MaxReadAhead;
    public InitFlags Flags;
    public ushort MaxBackground;
    public ushort CongestionThreshold;
    public uint MaxWrite;
    public uint TimeGranularity;
    public ushort MaxPages;
    public ushort MapAlignment;
    public uint Flags2;
}
