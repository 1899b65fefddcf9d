namespace VMSeed.Fuse.Protocol;

/// <summary>What the kernel asks for: enum fuse_opcode of linux/fuse.h, those that are answered
/// here.</summary>
internal enum Opcode : uint
{
    Lookup = 1,
    Forget = 2,
    GetAttr = 3,
    Open = 14,
    Read = 15,
    Write = 16,
    StatFs = 17,
    Release = 18,
    Fsync = 20,
    Flush = 25,
    Init = 26,
    OpenDir = 27,
    ReadDir = 28,
    ReleaseDir = 29,
    FsyncDir = 30,
    Access = 34,
    Interrupt = 36,
    Destroy = 38,
    BatchForget = 42,
    FAllocate = 43,
    ReadDirPlus = 44,
    Lseek = 46,
}
