using System.Runtime.InteropServices;

namespace VMSeed.Fuse.Protocol.Messages;

/// <summary>What stat(2) tells: struct fuse_attr.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Attributes
{
    public const int Size = 88;

    public ulong Inode;
    public ulong Length;
    public ulong Blocks;
    public ulong AccessTime;
    public ulong ModifyTime;
    public ulong ChangeTime;
    public uint AccessTimeNanoseconds;
    public uint ModifyTimeNanoseconds;
    public uint ChangeTimeNanoseconds;
    public uint Mode;
    public uint Links;
    public uint Uid;
    public uint Gid;
    public uint Device;
    public uint BlockSize;
    public uint Flags;
}
