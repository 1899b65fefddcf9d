using System.Buffers.Binary;
using System.Text;
using VMSeed.Blocks.Devices;
using VMSeed.Nbd.Protocol;

namespace VMSeed.Nbd.Tests.Negotiation;

public sealed class HandshakeTests : IAsyncLifetime
{
    private const int MiB = 1024 * 1024;

    private readonly MemoryBlockDevice _device = new(MiB);
    private Served _served = null!;

    public ValueTask InitializeAsync()
    {
        _served = Served.Start([new BlockDeviceExport("one", _device, "the first")]);
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        await _served.DisposeAsync();
        await _device.DisposeAsync();
    }

    [Theory]
    [InlineData(1u, 10 + 124)]
    [InlineData(3u, 10)]
    [InlineData(0u, 10 + 124)]
    public void The_old_way_ends_with_zeros_unless_they_are_waived(uint flags, int count)
    {
        using RawClient client = new(_served);
        client.Greet(flags);
        client.Send(RawClient.Option(OptionType.ExportName, "one"u8.ToArray()));
        byte[] answer = client.Receive(count);
        Assert.Equal(MiB, BinaryPrimitives.ReadInt64BigEndian(answer));
        Assert.All(answer[10..], zero => Assert.Equal(0, zero));
        client.Send(RawClient.Request(CommandType.Flush, 5, 0, 0));
        Assert.Equal((ErrorCode.None, 5UL), client.ReceiveSimple());
    }

    [Fact]
    public void The_old_way_to_an_export_that_is_not_there_ends_the_connection()
    {
        using RawClient client = new(_served);
        client.Greet();
        client.Send(RawClient.Option(OptionType.ExportName, "two"u8.ToArray()));
        Assert.True(client.IsHungUpOn());
    }

    [Fact]
    public void What_is_unknown_or_malformed_is_answered_and_the_talk_goes_on()
    {
        using RawClient client = new(_served);
        client.Greet();
        byte[] data = [1];
        Assert.Equal(OptionReplyType.ErrorUnsupported, client.Ask((OptionType)4, data).Type);
        Assert.Equal(OptionReplyType.ErrorUnsupported, client.Ask((OptionType)11).Type);
        Assert.Equal(OptionReplyType.ErrorPolicy, client.Ask(OptionType.StartTls).Type);
        Assert.Equal(OptionReplyType.ErrorInvalid, client.Ask(OptionType.List, data).Type);
        Assert.Equal(
            OptionReplyType.ErrorInvalid, client.Ask(OptionType.StructuredReply, data).Type);
        Assert.Equal(
            OptionReplyType.ErrorInvalid,
            client.Ask(OptionType.SetMetaContext, [0, 0, 0, 0, 0, 0, 0, 0]).Type);
        Assert.Equal(
            OptionReplyType.ErrorInvalid, client.Ask(OptionType.Go, [0, 0, 0, 9, 1]).Type);
        Assert.Equal(
            OptionReplyType.ErrorUnknown,
            client.Ask(OptionType.Go, RawClient.NameAndInfos("two")).Type);
        client.Go("one");
        client.Send(RawClient.Request(CommandType.Flush, 5, 0, 0));
        Assert.Equal((ErrorCode.None, 5UL), client.ReceiveSimple());
    }

    [Fact]
    public void Information_is_told_that_was_asked_for()
    {
        using RawClient client = new(_served);
        client.Greet();
        Dictionary<InfoType, byte[]> infos = [];
        (OptionReplyType Type, byte[] Data) reply = client.Ask(
            OptionType.Info, RawClient.NameAndInfos(string.Empty, 1, 2, 3, 99));
        while (reply.Type == OptionReplyType.Info)
        {
            infos.Add(
                (InfoType)BinaryPrimitives.ReadUInt16BigEndian(reply.Data), reply.Data[2..]);
            reply = client.ReceiveOptionReply();
        }

        Assert.Equal(OptionReplyType.Ack, reply.Type);
        Assert.Equal("one", Encoding.UTF8.GetString(infos[InfoType.Name]));
        Assert.Equal("the first", Encoding.UTF8.GetString(infos[InfoType.Description]));
        Assert.Equal(12, infos[InfoType.BlockSize].Length);
        Assert.Equal(MiB, BinaryPrimitives.ReadInt64BigEndian(infos[InfoType.Export]));
    }

    [Fact]
    public void Contexts_count_for_their_export_only()
    {
        using RawClient client = new(_served);
        client.Greet();
        Assert.Equal(OptionReplyType.Ack, client.Ask(OptionType.StructuredReply).Type);
        byte[] none = [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 5, (byte)'b', (byte)'a', (byte)'s',
            (byte)'e', (byte)':'];
        Assert.Equal(OptionReplyType.Ack, client.Ask(OptionType.SetMetaContext, none).Type);
        client.Go("one");
        client.Send(RawClient.Request(CommandType.BlockStatus, 1, 0, 512));
        Assert.Equal(ErrorCode.Invalid, client.ReceiveChunk().Error);
    }

    [Theory]
    [InlineData(4u)]
    [InlineData(0x80000003u)]
    public void Unknown_client_flags_end_the_connection(uint flags)
    {
        using RawClient client = new(_served);
        client.Greet(flags);
        Assert.True(client.IsHungUpOn());
    }

    [Fact]
    public void An_option_without_end_is_not_waited_for()
    {
        using RawClient client = new(_served);
        client.Greet();
        byte[] option = RawClient.Option(OptionType.Go, []);
        BinaryPrimitives.WriteUInt32BigEndian(option.AsSpan(12), 0xFFFF_FFFF);
        client.Send(option);
        Assert.True(client.IsHungUpOn());
    }

    [Fact]
    public void An_abort_is_acknowledged()
    {
        using RawClient client = new(_served);
        client.Greet();
        Assert.Equal(OptionReplyType.Ack, client.Ask(OptionType.Abort).Type);
        Assert.True(client.IsHungUpOn());
    }
}
