using System.Runtime.InteropServices;

namespace VMSeed.Fuse.Protocol.Messages;

/// <summary>struct fuse_open_in.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct OpenIn(uint Flags, uint OpenFlags);
