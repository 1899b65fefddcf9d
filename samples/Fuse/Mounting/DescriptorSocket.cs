using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using VMSeed.Fuse.Interop;

namespace VMSeed.Fuse.Mounting;

/// <summary>Takes a descriptor that another process passes over a Unix socket (unix(7),
/// SCM_RIGHTS).</summary>
internal static unsafe class DescriptorSocket
{
    /// <summary>Waits for a descriptor.</summary>
    /// <returns>The descriptor, or null when the other side closed the socket without passing
    /// one.</returns>
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
        nint count;
        do
        {
            count = Libc.recvmsg(socket, &message, Libc.MSG_CMSG_CLOEXEC);
        }
        while (count < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);

        bool passed = count == 1
            && message.ControlLength >= (nuint)Marshal.OffsetOf<DescriptorMessage>("Descriptor")
            && control is { Level: Libc.SOL_SOCKET, Type: Libc.SCM_RIGHTS };
        return passed ? new SafeFileHandle(control.Descriptor, ownsHandle: true) : null;
    }
}
