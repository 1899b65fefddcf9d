using System.Runtime.InteropServices;

namespace VMSeed.Fuse.Protocol;

/// <summary>struct fuse_open_in.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct OpenIn(uint Flags, uint OpenFlags);

/// <summary>struct fuse_open_out.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct OpenOut(ulong Handle, OpenReplyFlags Flags, uint Padding);

/// <summary>FOPEN_ flags.</summary>
[Flags]
internal enum OpenReplyFlags : uint
{
    None = 0,

    /// <summary>Every read reaches us; the page cache is not used.</summary>
    DirectIo = 1 << 0,

    /// <summary>What the page cache holds of the file outlives this opening.</summary>
    KeepCache = 1 << 1,

    /// <summary>The kernel may keep the directory's listing.</summary>
    CacheDir = 1 << 3,
}

/// <summary>struct fuse_read_in, also the body of FUSE_READDIR and FUSE_READDIRPLUS.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct ReadIn(
    ulong Handle, ulong Offset, uint Size, uint ReadFlags, ulong LockOwner, uint Flags, uint Padding);

/// <summary>struct fuse_write_in; the data follows it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct WriteIn(
    ulong Handle, ulong Offset, uint Size, uint WriteFlags, ulong LockOwner, uint Flags, uint Padding)
{
    public const int StructSize = 40;
}

/// <summary>struct fuse_write_out.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct WriteOut(uint Size, uint Padding);

/// <summary>struct fuse_lseek_in.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct LseekIn(ulong Handle, ulong Offset, uint Whence, uint Padding)
{
    public const uint SeekData = 3;
    public const uint SeekHole = 4;
}

/// <summary>struct fuse_lseek_out.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct LseekOut(ulong Offset);

/// <summary>struct fuse_interrupt_in: the request that nobody waits for any more.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct InterruptIn(ulong Unique);
