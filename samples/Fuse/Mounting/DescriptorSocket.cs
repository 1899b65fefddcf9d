using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using VMSeed.Fuse.Interop;

namespace VMSeed.Fuse.Mounting;

/// <summary>Takes a descriptor that another process passes over a Unix socket (unix(7),
/// SCM_RIGHTS).</summary>
internal static unsafe class DescriptorSocket
{
    /// <summary>Takes the descriptor out of the socket; does not wait for one.</summary>
    /// <returns>The descriptor, or null when none was passed.</returns>
    public static SafeFileHandle? Receive(SafeFileHandle socket)
    {
        byte word;
        IoVector vector = new() { Base = &word, Length = 1 };
        DescriptorMessage control = default;
        MessageHeader message = new()
        {
            Vectors = &vector,
            VectorCount = 1,
            Control = (byte*)&control,
            ControlLength = (nuint)sizeof(DescriptorMessage),
        };
        nint count = Libc.recvmsg(
            socket, &message, Libc.MSG_CMSG_CLOEXEC | Libc.MSG_DONTWAIT);
        bool passed = count == 1
            && message.ControlLength >= (nuint)Marshal.OffsetOf<DescriptorMessage>("Descriptor")
            && control is { Level: Libc.SOL_SOCKET, Type: Libc.SCM_RIGHTS };
        return passed ? new SafeFileHandle(control.Descriptor, ownsHandle: true) : null;
    }
}
