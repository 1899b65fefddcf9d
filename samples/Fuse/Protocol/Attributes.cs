using System.Runtime.InteropServices;

namespace VMSeed.Fuse.Protocol;

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

/// <summary>The answer to FUSE_STATFS: struct fuse_statfs_out.</summary>
[StructLayout(LayoutKind.Sequential, Size = Size)]
internal struct StatFsOut
{
    public const int Size = 80;

    public ulong Blocks;
    public ulong FreeBlocks;
    public ulong AvailableBlocks;
    public ulong Files;
    public ulong FreeFiles;
    public uint BlockSize;
    public uint NameLength;
    public uint FragmentSize;
}
