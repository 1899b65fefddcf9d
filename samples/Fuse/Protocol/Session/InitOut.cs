using System.Runtime.InteropServices;

namespace VMSeed.Fuse.Protocol.Session;

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
