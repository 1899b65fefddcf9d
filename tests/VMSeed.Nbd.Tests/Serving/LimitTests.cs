using VMSeed.Blocks.Devices;
using VMSeed.Nbd.Protocol;

namespace VMSeed.Nbd.Tests.Serving;

/// <summary>What a client can take hold of, and how it is made to let go.</summary>
[Collection(nameof(AloneCollection))]
public sealed class LimitTests
{
    private const int MiB = 1024 * 1024;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_so_many_requests_of_one_connection_reach_the_export()
    {
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        PatternDevice device = new(64 * MiB) { Gate = (_, _) => gate.Task };
        await using Served served = Served.Start(
            device, new NbdServerOptions { RequestsInFlight = 4 });
        using RawClient client = RawClient.Ready(served, structured: true);
        for (ulong i = 0; i < 20; i++)
        {
            client.Send(RawClient.Request(CommandType.Read, i, i * 4096, 4096));
        }

        // The fifth has been asked for when it is found that there is no room for it.
        await WaitAsync(() => device.Reads >= 5);
        using RawClient other = RawClient.Ready(served, structured: true);
        other.Send(RawClient.Request(CommandType.Flush, 1, 0, 0));
        Assert.Equal((ErrorCode.None, 1UL), other.ReceiveSimple());
        Assert.Equal(5, device.Reads);
        gate.SetResult();
        HashSet<ulong> seen = [];
        for (int i = 0; i < 20; i++)
        {
            Chunk chunk = client.ReceiveChunk();
            Assert.Equal(device.Expect(chunk.Offset, 4096), chunk.Data);
            Assert.True(seen.Add(chunk.Cookie));
        }
    }

    [Fact]
    public async Task More_clients_than_there_may_be_are_hung_up_on()
    {
        await using MemoryBlockDevice device = new(MiB);
        await using Served served = Served.Start(
            device, new NbdServerOptions { MaxConnections = 2 });
        using RawClient one = RawClient.Ready(served, structured: false);
        using (RawClient two = RawClient.Ready(served, structured: false))
        {
            using RawClient three = new(served);
            Assert.True(three.IsHungUpOn());
        }

        await WaitAsync(() => served.Server.Connections == 1);
        using RawClient four = RawClient.Ready(served, structured: false);
    }

    [Fact]
    public async Task A_client_that_chooses_no_export_is_hung_up_on()
    {
        await using MemoryBlockDevice device = new(MiB);
        await using Served served = Served.Start(
            device, new NbdServerOptions { HandshakeTimeout = TimeSpan.FromMilliseconds(200) });
        using RawClient silent = new(served);
        using RawClient talker = new(served);
        talker.Greet();
        Assert.Equal(OptionReplyType.ErrorUnsupported, talker.Ask((OptionType)77).Type);
        Assert.True(silent.IsHungUpOn());
        Assert.True(talker.IsHungUpOn());
    }

    [Fact]
    public async Task A_client_that_takes_no_replies_is_hung_up_on_and_others_go_on()
    {
        PatternDevice device = new(64 * MiB) { Gate = async (_, _) => await Task.Yield() };
        await using Served served = Served.Start(
            device, new NbdServerOptions { SendTimeout = TimeSpan.FromMilliseconds(300) });
        using RawClient deaf = RawClient.Ready(served, structured: true);
        for (ulong i = 0; i < 64; i++)
        {
            deaf.Send(RawClient.Request(CommandType.Read, i, 0, MiB));
        }

        using RawClient other = RawClient.Ready(served, structured: true);
        other.Send(RawClient.Request(CommandType.Read, 1, 0, 4096));
        Assert.Equal(device.Expect(0, 4096), other.ReceiveChunk().Data);
        await WaitAsync(() => served.Server.Connections == 1);
    }

    [Fact]
    public async Task A_write_that_is_announced_and_never_comes_reserves_nothing()
    {
        await using MemoryBlockDevice device = new(64 * MiB);
        await using Served served = Served.Start(device);
        List<RawClient> clients = [];
        try
        {
            long before = GC.GetTotalMemory(forceFullCollection: true);
            for (int i = 0; i < 40; i++)
            {
                RawClient client = RawClient.Ready(served, structured: true);
                clients.Add(client);
                client.Send(RawClient.Request(CommandType.Write, 1, 0, 32 * MiB));
            }

            // 1,280 MiB have been announced; buffers to receive with and one piece each are 64.
            long grown = GC.GetTotalMemory(forceFullCollection: true) - before;
            Assert.True(grown < 400L * MiB, $"The clients hold {grown} bytes.");
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }

        await WaitAsync(() => served.Server.Connections == 0);
    }

    [Fact]
    public async Task Reads_of_a_client_that_has_vanished_are_cancelled()
    {
        TaskCompletionSource cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        PatternDevice device = new(MiB)
        {
            Gate = async (_, token) =>
            {
                asked.TrySetResult();
                await using CancellationTokenRegistration watch = token.Register(
                    () => cancelled.TrySetResult());
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            },
        };
        await using Served served = Served.Start(device);
        using (RawClient client = RawClient.Ready(served, structured: true))
        {
            client.Send(RawClient.Request(CommandType.Read, 1, 0, 4096));
            await asked.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Cancel);
        }

        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Cancel);
        await WaitAsync(() => served.Server.Connections == 0);
    }

    [Fact]
    public void Options_are_refused_with_all_their_faults()
    {
        ArgumentException fault = Assert.Throws<ArgumentException>(() => Served.Start(
            new MemoryBlockDevice(MiB),
            new NbdServerOptions { MaxConnections = 0, SendTimeout = TimeSpan.Zero }));
        Assert.Contains("MaxConnections 0", fault.Message);
        Assert.Contains("SendTimeout", fault.Message);
    }

    private static async Task WaitAsync(Func<bool> condition)
    {
        for (int i = 0; !condition(); i++)
        {
            Assert.True(i < 3000, "It did not happen within 30 seconds.");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancel);
        }
    }
}
