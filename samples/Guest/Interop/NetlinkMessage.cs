using System.Buffers.Binary;
using System.Text;

namespace VMSeed.Guest.Interop;

// struct nlmsghdr { u32 length; u16 type; u16 flags; u32 sequence; u32 port; } and, behind it,
// struct genlmsghdr { u8 command; u8 version; u16 reserved; }, then attributes: u16 length, u16
// type, the value, padded to four bytes (linux/netlink.h, linux/genetlink.h). All in the
// machine's own order of bytes, which is little-endian wherever this runs.

/// <summary>A request to one of the kernel's generic netlink families.</summary>
internal sealed class NetlinkMessage
{
    /// <summary>Where attributes begin.</summary>
    public const int HeaderSize = 20;

    private const int AttributeHeaderSize = 4;
    private const int Alignment = 4;
    private const int CommandPlace = 16;
    private const int TypePlace = 4;
    private const int FlagsPlace = 6;
    private const ushort RequestAndAcknowledge = 5;
    private const ushort IsNested = 0x8000;

    private readonly List<byte> _bytes = [.. new byte[HeaderSize]];

    public NetlinkMessage(ushort family, byte command)
    {
        Span<byte> header = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(header[TypePlace..], family);
        BinaryPrimitives.WriteUInt16LittleEndian(header[FlagsPlace..], RequestAndAcknowledge);
        header[CommandPlace] = command;
        header[CommandPlace + 1] = 1;
    }

    public NetlinkMessage Add(ushort type, uint value)
    {
        byte[] bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return Add(type, bytes);
    }

    public NetlinkMessage Add(ushort type, ulong value)
    {
        byte[] bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return Add(type, bytes);
    }

    public NetlinkMessage Add(ushort type, string value) =>
        Add(type, [.. Encoding.ASCII.GetBytes(value), 0]);

    /// <summary>Adds an attribute that holds others.</summary>
    public NetlinkMessage AddNested(ushort type, Action<NetlinkMessage> inner)
    {
        int start = _bytes.Count;
        _bytes.AddRange(new byte[AttributeHeaderSize]);
        inner(this);
        WriteAttributeHeader(start, (ushort)(type | IsNested));
        return this;
    }

    /// <summary>The message as it is sent.</summary>
    public byte[] ToBytes()
    {
        byte[] all = [.. _bytes];
        BinaryPrimitives.WriteUInt32LittleEndian(all, (uint)all.Length);
        return all;
    }

    private NetlinkMessage Add(ushort type, byte[] value)
    {
        int start = _bytes.Count;
        _bytes.AddRange(new byte[AttributeHeaderSize]);
        _bytes.AddRange(value);
        WriteAttributeHeader(start, type);
        while (_bytes.Count % Alignment != 0) { _bytes.Add(0); }

        return this;
    }

    private void WriteAttributeHeader(int start, ushort type)
    {
        Span<byte> header =
            System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_bytes)[start..];
        BinaryPrimitives.WriteUInt16LittleEndian(header, (ushort)header.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(header[sizeof(ushort)..], type);
    }
}
