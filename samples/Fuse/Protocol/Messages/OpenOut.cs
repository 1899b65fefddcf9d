using System.Runtime.InteropServices;

namespace VMSeed.Fuse.Protocol.Messages;

/// <summary>struct fuse_open_out.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct OpenOut(ulong Handle, OpenReplyFlags Flags, uint Padding);
