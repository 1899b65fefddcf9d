using System.Runtime.InteropServices;

namespace VMSeed.Fuse.Protocol.Messages;

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
