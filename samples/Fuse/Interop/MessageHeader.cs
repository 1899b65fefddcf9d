using System.Runtime.InteropServices;

namespace VMSeed.Fuse.Interop;

/// <summary>struct msghdr; padding makes musl's 32-bit lengths read the same in
/// little-endian.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessageHeader
{
    public nint Name;
    public nuint NameLength;
    public IoVector* Vectors;
    public nuint VectorCount;
    public byte* Control;
    public nuint ControlLength;
    public int Flags;
}
