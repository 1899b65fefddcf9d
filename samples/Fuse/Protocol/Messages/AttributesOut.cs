using System.Runtime.InteropServices;

namespace VMSeed.Fuse.Protocol.Messages;

/// <summary>The answer to FUSE_GETATTR: struct fuse_attr_out.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AttributesOut
{
    public const int Size = 104;

    public ulong ValidSeconds;
    public uint ValidNanoseconds;
    public uint Padding;
    public Attributes Attributes;
}
