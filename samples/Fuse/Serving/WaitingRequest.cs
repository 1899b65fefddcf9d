using Microsoft.Win32.SafeHandles;

namespace VMSeed.Fuse.Serving;

/// <summary>A request that waits until a buffer is free, as it was read.</summary>
internal sealed record WaitingRequest(SafeFileHandle Device, ulong Unique, byte[] Bytes);
