using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace VMSeed.Nbd.Tests;

/// <summary>Two sockets that are connected with each other and have no names.</summary>
internal static partial class SocketPair
{
    private const int UnixFamily = 1;
    private const int StreamType = 1;

    public static (Socket Server, Socket Client) Make()
    {
        int[] ends = new int[2];
        return Call(UnixFamily, StreamType, 0, ends) == 0
            ? (Own(ends[0]), Own(ends[1]))
            : throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    private static Socket Own(int end) => new(new SafeSocketHandle(end, ownsHandle: true));

    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    [LibraryImport("libc", EntryPoint = "socketpair", SetLastError = true)]
    private static partial int Call(int family, int type, int protocol, [Out] int[] ends);
}
