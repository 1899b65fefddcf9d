using System.Runtime.InteropServices;

namespace VMSeed.Fuse.Protocol.Messages;

/// <summary>struct fuse_interrupt_in: the request that nobody waits for any more.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct InterruptIn(ulong Unique);
