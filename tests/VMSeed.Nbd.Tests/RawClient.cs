using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using VMSeed.Nbd.Protocol;

namespace VMSeed.Nbd.Tests;

/// <summary>A client that says what it is told to, byte for byte.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly Socket _socket;

    public RawClient(Served served, int patienceSeconds = 30)
        : this(
            new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified),
            patienceSeconds) =>
        _socket.Connect(new UnixDomainSocketEndPoint(served.Socket));

    public RawClient(Socket socket, int patienceSeconds = 30)
    {
        _socket = socket;
        _socket.ReceiveTimeout = patienceSeconds * 1000;
        _socket.SendTimeout = patienceSeconds * 1000;
    }

    public Socket Socket => _socket;

    /// <summary>Connects and gets as far as the transmission phase.</summary>
    public static RawClient Ready(Served served, bool structured, string export = "")
    {
        RawClient client = new(served);
        client.Greet();
        if (structured)
        {
            Assert.Equal(OptionReplyType.Ack, client.Ask(OptionType.StructuredReply).Type);
        }

        client.Go(export);
        return client;
    }

    public void Greet(uint flags = 3)
    {
        byte[] greeting = Receive(18);
        Assert.Equal(Magic.Server, BinaryPrimitives.ReadUInt64BigEndian(greeting));
        Assert.Equal(Magic.Option, BinaryPrimitives.ReadUInt64BigEndian(greeting.AsSpan(8)));
        Assert.Equal(3, BinaryPrimitives.ReadUInt16BigEndian(greeting.AsSpan(16)));
        byte[] answer = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(answer, flags);
        Send(answer);
    }

    public void Go(string export)
    {
        (OptionReplyType Type, byte[] Data) reply = Ask(OptionType.Go, NameAndInfos(export));
        while (reply.Type == OptionReplyType.Info) { reply = ReceiveOptionReply(); }

        Assert.Equal(OptionReplyType.Ack, reply.Type);
    }

    public static byte[] NameAndInfos(string export, params ushort[] infos)
    {
        byte[] name = Encoding.UTF8.GetBytes(export);
        byte[] data = new byte[4 + name.Length + 2 + (2 * infos.Length)];
        BinaryPrimitives.WriteInt32BigEndian(data, name.Length);
        name.CopyTo(data, 4);
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(4 + name.Length), (ushort)infos.Length);
        for (int i = 0; i < infos.Length; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(
                data.AsSpan(6 + name.Length + (2 * i)), infos[i]);
        }

        return data;
    }

    public static byte[] Option(OptionType option, byte[] data)
    {
        byte[] bytes = new byte[16 + data.Length];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, Magic.Option);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(8), (uint)option);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(12), data.Length);
        data.CopyTo(bytes, 16);
        return bytes;
    }

    public (OptionReplyType Type, byte[] Data) Ask(OptionType option, params byte[] data)
    {
        Send(Option(option, data));
        return ReceiveOptionReply();
    }

    public (OptionReplyType Type, byte[] Data) ReceiveOptionReply()
    {
        byte[] header = Receive(20);
        Assert.Equal(Magic.OptionReply, BinaryPrimitives.ReadUInt64BigEndian(header));
        return (
            (OptionReplyType)BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(12)),
            Receive(BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(16))));
    }

    public static byte[] Request(
        CommandType type,
        ulong cookie,
        ulong offset,
        uint length,
        CommandFlags flags = CommandFlags.None)
    {
        byte[] bytes = new byte[RequestHeader.Size];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, Magic.Request);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(4), (ushort)flags);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(6), (ushort)type);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(8), cookie);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(16), offset);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(24), length);
        return bytes;
    }

    /// <summary>Receives a simple reply.</summary>
    public (ErrorCode Error, ulong Cookie) ReceiveSimple()
    {
        byte[] reply = Receive(Reply.SimpleSize);
        Assert.Equal(Magic.SimpleReply, BinaryPrimitives.ReadUInt32BigEndian(reply));
        return (
            (ErrorCode)BinaryPrimitives.ReadUInt32BigEndian(reply.AsSpan(4)),
            BinaryPrimitives.ReadUInt64BigEndian(reply.AsSpan(8)));
    }

    /// <summary>Receives a chunk of a structured reply.</summary>
    public Chunk ReceiveChunk()
    {
        byte[] header = Receive(Reply.ChunkSize);
        Assert.Equal(Magic.StructuredReply, BinaryPrimitives.ReadUInt32BigEndian(header));
        return new Chunk(
            BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(4)) == 1,
            (ChunkType)BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(6)),
            BinaryPrimitives.ReadUInt64BigEndian(header.AsSpan(8)),
            Receive(BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(16))));
    }

    public void Send(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty) { bytes = bytes[_socket.Send(bytes)..]; }
    }

    public byte[] Receive(int count)
    {
        byte[] bytes = new byte[count];
        for (int done = 0; done < count;)
        {
            int received = _socket.Receive(bytes.AsSpan(done));
            if (received == 0) { throw new EndOfStreamException("The server hung up."); }

            done += received;
        }

        return bytes;
    }

    /// <summary>Whether the server hangs up, whatever it says before.</summary>
    public bool IsHungUpOn()
    {
        byte[] bytes = new byte[4096];
        try
        {
            while (_socket.Receive(bytes) > 0) { }

            return true;
        }
        catch (SocketException failure)
        {
            return failure.SocketErrorCode == SocketError.ConnectionReset;
        }
    }

    public void Dispose() => _socket.Dispose();
}
