using System.Runtime.InteropServices;

namespace VMSeed.Fuse.Interop;

/// <summary>struct cmsghdr that carries one descriptor.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct DescriptorMessage
{
    public nuint Length;
    public int Level;
    public int Type;
    public int Descriptor;
}
