using VMSeed.Nbd.Protocol;

namespace VMSeed.Nbd.Tests.Serving;

public sealed class StopTests
{
    private const int MiB = 1024 * 1024;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_in_flight_is_answered_and_nothing_more_is_taken()
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
        Served served = Served.Start(device);
        await using (served)
        {
            using RawClient client = RawClient.Ready(served, structured: true);
            using RawClient idle = RawClient.Ready(served, structured: true);
            client.Send(RawClient.Request(CommandType.Read, 7, 8192, 4096));
            await asked.Task;
            ValueTask stopped = served.Server.DisposeAsync();
            Assert.True(idle.IsHungUpOn());
            Assert.False(stopped.IsCompleted);
            gate.SetResult();
            Assert.Equal(device.Expect(8192, 4096), client.ReceiveChunk().Data);
            Assert.True(client.IsHungUpOn());
            await stopped;
        }
    }

    [Fact]
    public async Task An_export_that_never_answers_does_not_hold_the_server()
    {
        PatternDevice device = new(MiB)
        {
            Gate = (_, token) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token),
        };
        await using Served served = Served.Start(
            device, new NbdServerOptions { StopTimeout = TimeSpan.FromMilliseconds(200) });
        using RawClient client = RawClient.Ready(served, structured: true);
        client.Send(RawClient.Request(CommandType.Read, 7, 0, 4096));
        await served.Server.DisposeAsync();
        Assert.True(client.IsHungUpOn());
        Assert.Equal(0, served.Server.Connections);
    }

    [Fact]
    public async Task A_dead_servers_socket_is_replaced_and_a_living_ones_is_not()
    {
        PatternDevice device = new(MiB);
        await using Served served = Served.Start(device);
        Assert.Throws<IOException>(() => Again(served, device));
        string copy = served.Socket + ".kept";
        File.Move(served.Socket, copy);
        await served.Server.DisposeAsync();
        File.Move(copy, served.Socket); // As kill -9 leaves it.
        await using NbdServer again = Again(served, device);
        using RawClient client = RawClient.Ready(served, structured: false);
        client.Send(RawClient.Request(CommandType.Flush, 3, 0, 0));
        Assert.Equal((ErrorCode.None, 3UL), client.ReceiveSimple());
    }

    // A listening socket that is closed while it waits ends its wait in more ways than one.
    [Fact]
    public async Task A_server_stops_at_any_moment_of_an_accept()
    {
        PatternDevice device = new(MiB);
        for (int i = 0; i < 100; i++)
        {
            await using Served served = Served.Start(device);
            Task knocking = Task.Run(() => Knock(served), Token);
            for (int spin = 0; spin < i * 20; spin++)
            {
                Thread.SpinWait(20);
            }

            await served.Server.DisposeAsync();
            await knocking;
        }
    }

    private static void Knock(Served served)
    {
        try
        {
            for (int i = 0; i < 3; i++)
            {
                using RawClient client = new(served);
            }
        }
        catch (System.Net.Sockets.SocketException)
        {
            // It has stopped already.
        }
    }

    private static NbdServer Again(Served served, PatternDevice device) => NbdServer.Start(
        new System.Net.Sockets.UnixDomainSocketEndPoint(served.Socket),
        [new BlockDeviceExport(string.Empty, device)],
        new NbdServerOptions(),
        Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
}
