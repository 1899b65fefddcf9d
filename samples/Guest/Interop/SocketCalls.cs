using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace VMSeed.Guest.Interop;

/// <summary>Sockets that the framework does not make: pairs, and those of netlink.</summary>
internal static partial class SocketCalls
{
    private const int UnixFamily = 1;
    private const int NetlinkFamily = 16;
    private const int GenericNetlink = 16;
    private const int StreamClosedOnExecution = 0x80001;
    private const int RawClosedOnExecution = 0x80003;

    /// <summary>Makes two sockets that are each other's ends.</summary>
    public static (Socket Ours, SafeFileHandle Others) MakePair()
    {
        int[] pair = new int[2];
        SystemCallException.Check(
            socketpair(UnixFamily, StreamClosedOnExecution, 0, pair), "Making a pair of sockets");
        return (
            new Socket(new SafeSocketHandle(pair[0], ownsHandle: true)),
            new SafeFileHandle(pair[1], ownsHandle: true));
    }

    /// <summary>Opens a way to the kernel's generic netlink families.</summary>
    public static SafeFileHandle OpenNetlink()
    {
        long opened = socket(NetlinkFamily, RawClosedOnExecution, GenericNetlink);
        return new SafeFileHandle(
            (nint)SystemCallException.Check(opened, "Opening generic netlink"), ownsHandle: true);
    }

    public static void Send(SafeFileHandle socket, ReadOnlySpan<byte> message) =>
        SystemCallException.Check(
            send(socket, message, (nuint)message.Length, 0), "Sending by netlink");

    /// <returns>How many bytes there are.</returns>
    public static int Receive(SafeFileHandle socket, Span<byte> buffer) =>
        (int)SystemCallException.Check(
            recv(socket, buffer, (nuint)buffer.Length, 0), "Receiving by netlink");

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int socket(int family, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int socketpair(int family, int type, int protocol, int[] pair);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint send(
        SafeFileHandle socket, ReadOnlySpan<byte> bytes, nuint count, int flags);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint recv(
        SafeFileHandle socket, Span<byte> bytes, nuint count, int flags);
}
