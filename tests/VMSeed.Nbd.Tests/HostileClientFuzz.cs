using System.Net.Sockets;
using VMSeed.Blocks.Devices;
using VMSeed.Nbd.Protocol;

namespace VMSeed.Nbd.Tests;

/// <summary>Clients that say anything at all, while a decent one goes on.</summary>
[Collection(nameof(AloneCollection))]
public sealed class HostileClientFuzz
{
    private const int MiB = 1024 * 1024;
    private const int Clients = 400;
    private const long MemoryBound = 300L * MiB;

    [Fact]
    public async Task Noise_in_the_handshake_harms_nobody() =>
        await RunAsync(seed: 1, (random, client) =>
        {
            byte[] greeting = new byte[4];
            greeting[3] = (byte)random.Next(0, 5);
            client.Send(greeting);
            for (int i = random.Next(1, 8); i > 0; i--) { client.Send(NoisyOption(random)); }
        });

    [Fact]
    public async Task Noise_in_requests_harms_nobody() =>
        await RunAsync(seed: 2, (random, client) =>
        {
            client.Greet();
            if (random.Next(2) == 0) { client.Ask(OptionType.StructuredReply); }

            client.Go(string.Empty);
            for (int i = random.Next(1, 40); i > 0; i--) { client.Send(NoisyRequest(random)); }
        });

    private static async Task RunAsync(int seed, Action<Random, RawClient> attack)
    {
        await using MemoryBlockDevice device = new(8 * MiB);
        await using Served served = Served.Start(
            [
                new BlockDeviceExport(string.Empty, device),
                new BlockDeviceExport("decent", new PatternDevice(8 * MiB)),
            ],
            new NbdServerOptions { HandshakeTimeout = TimeSpan.FromSeconds(5) });
        PatternDevice expected = new(8 * MiB);
        using RawClient decent = RawClient.Ready(served, structured: true, "decent");
        Random random = new(seed);
        for (int i = 0; i < Clients; i++)
        {
            // A client that sends on while it takes no reply waits for the server, which waits for
            // it in turn: the one with less patience hangs up, and it need not be 30 s later.
            using (RawClient client = new(served, patienceSeconds: 2))
            {
                try
                {
                    attack(random, client);
                    if (random.Next(4) == 0) { client.Socket.Shutdown(SocketShutdown.Send); }
                }
                catch (Exception gone) when (gone is SocketException or EndOfStreamException)
                {
                    // The server has had enough of it.
                }
            }

            long offset = random.Next(0, 7 * MiB);
            decent.Send(RawClient.Request(CommandType.Read, (ulong)i, (ulong)offset, 4096));
            Chunk chunk = decent.ReceiveChunk();
            Assert.Equal((ulong)i, chunk.Cookie);
            Assert.Equal(expected.Expect(offset, 4096), chunk.Data);
        }

        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true), 0, MemoryBound);
    }

    private static byte[] NoisyOption(Random random)
    {
        byte[] data = new byte[random.Next(4) == 0 ? random.Next(0, 5000) : random.Next(0, 40)];
        random.NextBytes(data);
        if (data.Length > 4 && random.Next(2) == 0)
        {
            // A length that may fit.
            data[0] = data[1] = data[2] = 0;
            data[3] = (byte)random.Next(0, data.Length);
        }

        byte[] option = RawClient.Option((OptionType)random.Next(0, 13), data);
        if (random.Next(10) == 0) { option[random.Next(option.Length)] ^= (byte)random.Next(256); }

        return option;
    }

    private static byte[] NoisyRequest(Random random)
    {
        CommandType type = (CommandType)random.Next(0, 10);
        uint length = random.Next(6) switch
        {
            0 => (uint)random.NextInt64(0, 1L << 32),
            1 => (uint)random.Next(0, 40 * MiB),
            _ => (uint)random.Next(0, 70_000),
        };
        ulong offset = random.Next(6) == 0
            ? (ulong)random.NextInt64()
            : (ulong)random.Next(0, 8 * MiB);
        CommandFlags flags = random.Next(3) == 0
            ? (CommandFlags)random.Next(0, 64)
            : CommandFlags.None;
        byte[] header = RawClient.Request(type, (ulong)random.NextInt64(), offset, length, flags);
        if (random.Next(50) == 0) { header[random.Next(4)] ^= 1; }

        if (type != CommandType.Write || random.Next(20) == 0) { return header; }

        byte[] whole = new byte[header.Length + Math.Min(length, 100_000)];
        header.CopyTo(whole, 0);
        return whole;
    }
}
