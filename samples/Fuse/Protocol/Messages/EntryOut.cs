using System.Runtime.InteropServices;

namespace VMSeed.Fuse.Protocol.Messages;

/// <summary>The answer to FUSE_LOOKUP: struct fuse_entry_out.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct EntryOut
{
    public const int Size = 128;

    public ulong Node;
    public ulong Generation;
    public ulong EntryValidSeconds;
    public ulong ValidSeconds;
    public uint EntryValidNanoseconds;
    public uint ValidNanoseconds;
    public Attributes Attributes;
}
