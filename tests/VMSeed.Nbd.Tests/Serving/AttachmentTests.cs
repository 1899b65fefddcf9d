using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using VMSeed.Blocks.Devices;
using VMSeed.Nbd.Protocol;

namespace VMSeed.Nbd.Tests.Serving;

public sealed class AttachmentTests
{
    private const int MiB = 1024 * 1024;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_are_answered_from_the_first_byte_on_every_connection()
    {
        MemoryBlockDevice device = new(MiB);
        (Socket first, Socket firstEnd) = SocketPair.Make();
        (Socket second, Socket secondEnd) = SocketPair.Make();
        await using NbdAttachment disk = Attach([first, second], device);
        using RawClient writer = new(firstEnd);
        using RawClient reader = new(secondEnd);
        writer.Send(RawClient.Request(CommandType.Write, 1, 4096, 8, CommandFlags.Fua));
        writer.Send("attached"u8);
        Assert.Equal((ErrorCode.None, 1UL), writer.ReceiveSimple());
        reader.Send(RawClient.Request(CommandType.Read, 2, 4096, 8));
        Assert.Equal((ErrorCode.None, 2UL), reader.ReceiveSimple());
        Assert.Equal("attached"u8, reader.Receive(8));
        reader.Send(RawClient.Request(CommandType.WriteZeroes, 3, 4096, 4));
        reader.Send(RawClient.Request(CommandType.Flush, 4, 0, 0));
        reader.Send(RawClient.Request(CommandType.Trim, 5, 0, 4096));
        reader.Send(RawClient.Request(CommandType.Read, 6, MiB, 1));
        Assert.Equal((ErrorCode.None, 3UL), reader.ReceiveSimple());
        Assert.Equal((ErrorCode.None, 4UL), reader.ReceiveSimple());
        Assert.Equal((ErrorCode.None, 5UL), reader.ReceiveSimple());
        Assert.Equal((ErrorCode.Invalid, 6UL), reader.ReceiveSimple());
        Assert.False(disk.Completion.IsCompleted);
        reader.Send(RawClient.Request(CommandType.Disconnect, 7, 0, 0));
        writer.Send(RawClient.Request(CommandType.Disconnect, 8, 0, 0));
        await disk.Completion.WaitAsync(Token);
    }

    [Theory]
    [InlineData(4096)]
    [InlineData(4 * MiB)]
    public async Task Reads_of_every_size_come_whole(int count)
    {
        PatternDevice device = new(8 * MiB, sparse: true) { Gate = (_, _) => Task.Delay(1, Token) };
        (Socket server, Socket end) = SocketPair.Make();
        await using NbdAttachment disk = Attach([server], device);
        using RawClient client = new(end);
        client.Send(RawClient.Request(CommandType.Read, 9, 4096, (uint)count));
        Assert.Equal((ErrorCode.None, 9UL), client.ReceiveSimple());
        Assert.Equal(device.Expect(4096, count), client.Receive(count));
    }

    [Fact]
    public async Task What_is_in_flight_is_answered_when_it_is_let_go()
    {
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        PatternDevice device = new(MiB)
        {
            Gate = (_, _) =>
            {
                asked.TrySetResult();
                return gate.Task;
            },
        };
        (Socket server, Socket end) = SocketPair.Make();
        NbdAttachment disk = Attach([server], device);
        using RawClient client = new(end);
        client.Send(RawClient.Request(CommandType.Read, 7, 8192, 4096));
        await asked.Task;
        ValueTask stopped = disk.DisposeAsync();
        Assert.False(stopped.IsCompleted);
        gate.SetResult();
        Assert.Equal((ErrorCode.None, 7UL), client.ReceiveSimple());
        Assert.Equal(device.Expect(8192, 4096), client.Receive(4096));
        Assert.True(client.IsHungUpOn());
        await stopped;
        Assert.True(disk.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task The_client_is_told_what_the_export_can_do()
    {
        (Socket server, Socket end) = SocketPair.Make();
        using RawClient client = new(end);
        await using NbdAttachment disk = Attach([server], new PatternDevice(MiB));
        TransmissionFlags flags = (TransmissionFlags)disk.Flags;
        Assert.Equal(MiB, disk.Length);
        Assert.True(flags.HasFlag(TransmissionFlags.HasFlags | TransmissionFlags.ReadOnly));
        Assert.False(flags.HasFlag(TransmissionFlags.SendDontFragment)); // Structured ones' alone.
        Assert.True(flags.HasFlag(TransmissionFlags.SendFlush | TransmissionFlags.CanMultiConn));
    }

    [Fact]
    public void It_needs_a_connection_and_no_more_than_are_allowed()
    {
        (Socket server, Socket end) = SocketPair.Make();
        using (server)
        using (end)
        {
            Assert.Throws<ArgumentException>(() => Attach([], new PatternDevice(MiB)));
            ArgumentException fault = Assert.Throws<ArgumentException>(() => NbdServer.Attach(
                [server, end],
                new BlockDeviceExport("disk", new PatternDevice(MiB)),
                new NbdServerOptions { MaxConnections = 1 },
                NullLogger.Instance));
            Assert.Contains("2 connections", fault.Message, StringComparison.Ordinal);
            Assert.True(end.Connected); // Nothing was taken over.
        }
    }

    private static NbdAttachment Attach(Socket[] connections, Blocks.BlockDevice device) =>
        NbdServer.Attach(
            connections,
            new BlockDeviceExport("disk", device),
            new NbdServerOptions(),
            NullLogger.Instance);
}
