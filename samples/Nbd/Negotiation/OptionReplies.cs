using System.Buffers;
using System.Buffers.Binary;
using VMSeed.Nbd.Protocol;
using VMSeed.Nbd.Transport;

namespace VMSeed.Nbd.Negotiation;

/// <summary>The server's words of the handshake, gathered until all that belong together are
/// there.</summary>
internal sealed class OptionReplies
{
    private readonly ArrayBufferWriter<byte> _output = new(512);

    public void Send(Wire wire)
    {
        wire.Send(_output.WrittenSpan);
        _output.ResetWrittenCount();
    }

    public void Greeting(HandshakeFlags flags)
    {
        UInt64(Magic.Server);
        UInt64(Magic.Option);
        UInt16((ushort)flags);
    }

    public void Reply(OptionType option, OptionReplyType type, int length = 0)
    {
        UInt64(Magic.OptionReply);
        UInt32((uint)option);
        UInt32((uint)type);
        UInt32((uint)length);
    }

    public void Error(OptionType option, OptionReplyType type, ReadOnlySpan<byte> text)
    {
        Reply(option, type, text.Length);
        Bytes(text);
    }

    public void Server(OptionType option, NbdExport export)
    {
        Reply(option, OptionReplyType.Server, sizeof(uint) + export.NameBytes.Length);
        UInt32((uint)export.NameBytes.Length);
        Bytes(export.NameBytes);
    }

    public void Context(OptionType option, uint id, ReadOnlySpan<byte> name)
    {
        Reply(option, OptionReplyType.MetaContext, sizeof(uint) + name.Length);
        UInt32(id);
        Bytes(name);
    }

    public void ExportInfo(OptionType option, long length, TransmissionFlags flags)
    {
        Reply(option, OptionReplyType.Info, 12);
        UInt16((ushort)InfoType.Export);
        SizeAndFlags(length, flags);
    }

    public void BlockSizes(OptionType option, uint least, uint preferred, uint most)
    {
        Reply(option, OptionReplyType.Info, 14);
        UInt16((ushort)InfoType.BlockSize);
        UInt32(least);
        UInt32(preferred);
        UInt32(most);
    }

    public void Text(OptionType option, InfoType info, ReadOnlySpan<byte> text)
    {
        Reply(option, OptionReplyType.Info, sizeof(ushort) + text.Length);
        UInt16((ushort)info);
        Bytes(text);
    }

    public void SizeAndFlags(long length, TransmissionFlags flags)
    {
        UInt64((ulong)length);
        UInt16((ushort)flags);
    }

    public void Zeroes(int count)
    {
        _output.GetSpan(count)[..count].Clear();
        _output.Advance(count);
    }

    private void UInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_output.GetSpan(sizeof(ushort)), value);
        _output.Advance(sizeof(ushort));
    }

    private void UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_output.GetSpan(sizeof(uint)), value);
        _output.Advance(sizeof(uint));
    }

    private void UInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(_output.GetSpan(sizeof(ulong)), value);
        _output.Advance(sizeof(ulong));
    }

    private void Bytes(ReadOnlySpan<byte> bytes) => _output.Write(bytes);
}
