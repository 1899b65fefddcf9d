using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace VMSeed.Guest.Interop;

/// <summary>The kernel's NBD driver, by its netlink family (linux/nbd-netlink.h).</summary>
/// <remarks>The older way, ioctl, has a thread wait in the kernel for as long as the device lives,
/// and takes the device away when a signal wakes it: the SIGSTOP, say, by which systemd stops
/// everybody before it kills the others at shutdown.</remarks>
internal static class NbdNetlink
{
    // The controller family, which knows the numbers of all others.
    private const ushort Controller = 0x10;
    private const byte GetFamily = 3;
    private const ushort FamilyId = 1;
    private const ushort FamilyName = 2;

    private const byte ConnectCommand = 1;
    private const byte DisconnectCommand = 2;
    private const ushort Index = 1;
    private const ushort SizeInBytes = 2;
    private const ushort BlockSize = 3;
    private const ushort ServerFlags = 5;
    private const ushort Sockets = 7;
    private const ushort SocketItem = 1;
    private const ushort SocketDescriptor = 1;

    private const ushort ErrorMessage = 2;
    private const int ErrorPlace = 16;
    private const int BufferSize = 8192;

    /// <summary>Makes the device serve what is behind a connection.</summary>
    /// <param name="index">The device's number.</param>
    /// <param name="socket">The connection.</param>
    /// <param name="length">The disk's size in bytes.</param>
    /// <param name="blockSize">Its sectors' size in bytes.</param>
    /// <param name="flags">The transmission flags.</param>
    public static void Connect(
        int index, SafeFileHandle socket, long length, int blockSize, int flags)
    {
        using SafeFileHandle netlink = SocketCalls.OpenNetlink();
        NetlinkMessage message = new NetlinkMessage(FindFamily(netlink), ConnectCommand)
            .Add(Index, (uint)index)
            .Add(SizeInBytes, (ulong)length)
            .Add(BlockSize, (ulong)blockSize)
            .Add(ServerFlags, (ulong)flags)
            .AddNested(Sockets, sockets => sockets.AddNested(
                SocketItem,
                item => item.Add(SocketDescriptor, (uint)socket.DangerousGetHandle())));
        Ask(netlink, message, $"Connecting the device nbd{index}");
    }

    /// <summary>Takes the connection away from the device; what is mounted from it fails.</summary>
    public static void Disconnect(int index)
    {
        using SafeFileHandle netlink = SocketCalls.OpenNetlink();
        Ask(
            netlink,
            new NetlinkMessage(FindFamily(netlink), DisconnectCommand).Add(Index, (uint)index),
            $"Disconnecting the device nbd{index}");
    }

    private static ushort FindFamily(SafeFileHandle netlink)
    {
        byte[] answer = Ask(
            netlink,
            new NetlinkMessage(Controller, GetFamily).Add(FamilyName, "nbd"),
            "Looking for the driver nbd");
        for (int place = NetlinkMessage.HeaderSize; place + 6 <= answer.Length;)
        {
            ReadOnlySpan<byte> attribute = answer.AsSpan(place);
            if (BinaryPrimitives.ReadUInt16LittleEndian(attribute[2..]) == FamilyId)
            {
                return BinaryPrimitives.ReadUInt16LittleEndian(attribute[4..]);
            }

            int length = BinaryPrimitives.ReadUInt16LittleEndian(attribute);
            place += Math.Max(4, (length + 3) & ~3);
        }

        throw new IOException("The kernel's answer for the driver nbd names no number.");
    }

    // What is asked for comes first, where there is such a thing, and then the acknowledgement.
    private static byte[] Ask(SafeFileHandle netlink, NetlinkMessage message, string what)
    {
        SocketCalls.Send(netlink, message.ToBytes());
        byte[] buffer = new byte[BufferSize];
        byte[] answer = [];
        for (; ; )
        {
            int count = SocketCalls.Receive(netlink, buffer);
            for (int place = 0; place + ErrorPlace <= count;)
            {
                Span<byte> one = buffer.AsSpan(place..count);
                int length = (int)BinaryPrimitives.ReadUInt32LittleEndian(one);
                if (BinaryPrimitives.ReadUInt16LittleEndian(one[4..]) == ErrorMessage)
                {
                    int error = BinaryPrimitives.ReadInt32LittleEndian(one[ErrorPlace..]);
                    return error == 0 ? answer : throw new SystemCallException(what, -error);
                }

                answer = one[..Math.Min(length, one.Length)].ToArray();
                place += Math.Max(ErrorPlace, (length + 3) & ~3);
            }
        }
    }
}
