using VMSeed.Blocks.Devices;
using VMSeed.Nbd.Protocol;
using VMSeed.Testing;

namespace VMSeed.Nbd.Tests.Serving;

[Collection(nameof(AloneCollection))]
public sealed class AllocationTests
{
    private const int MiB = 1024 * 1024;
    private const int Queue = 16;

    [Theory]
    [InlineData(4096, true)]
    [InlineData(4096, false)]
    [InlineData(MiB, true)]
    public async Task A_cached_read_allocates_nothing(int length, bool structured)
    {
        const int rounds = 200;
        using TempFolder folder = new();
        string path = folder.Write("disk.raw", Pattern.Random(16 * MiB, seed: 1));
        await using FileBlockDevice device = FileBlockDevice.Open(path);
        await using Served served = Served.Start(device);
        using RawClient client = RawClient.Ready(served, structured);
        AssertAllocatesNothing(Conversation.OfReads(client, length, structured), rounds);
    }

    [Theory]
    [InlineData(4096)]
    [InlineData(64 * 1024)]
    public async Task A_small_write_allocates_nothing(int length)
    {
        using TempFolder folder = new();
        string path = folder.Write("disk.raw", new byte[16 * MiB]);
        await using FileBlockDevice device = FileBlockDevice.Open(path, FileAccess.ReadWrite);
        await using Served served = Served.Start(device);
        using RawClient client = RawClient.Ready(served, structured: false);
        AssertAllocatesNothing(Conversation.OfWrites(client, length), rounds: 50);
    }

    private static void AssertAllocatesNothing(Conversation talk, int rounds)
    {
        talk.Run(rounds); // Compiles, learns the map, fills pools.
        double least = double.PositiveInfinity;
        for (int i = 0; i < 10 && least > 0; i++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            talk.Run(rounds);
            long allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
            least = Math.Min(least, (double)allocated / (rounds * Queue));
        }

        // The runner allocates beside us now and then; one object a read would be 24 bytes or more.
        Assert.InRange(least, 0, 4);
    }

    /// <summary>Queues of requests, without an allocation of its own.</summary>
    private sealed class Conversation
    {
        private readonly RawClient _client;
        private readonly byte[] _requests;
        private readonly byte[] _replies;

        private Conversation(RawClient client, byte[] requests, int replies)
        {
            _client = client;
            _requests = requests;
            _replies = new byte[replies];
        }

        public static Conversation OfReads(RawClient client, int length, bool structured)
        {
            int pieces = (length + (256 * 1024) - 1) / (256 * 1024);
            int headers = structured ? pieces * Reply.DataSize : Reply.SimpleSize;
            byte[] requests =
            [
                .. Enumerable.Range(0, Queue).SelectMany(i => Request(CommandType.Read, i, length)),
            ];
            return new(client, requests, Queue * (headers + length));
        }

        public static Conversation OfWrites(RawClient client, int length)
        {
            byte[] data = Pattern.Random(length, seed: 2);
            byte[] requests =
            [
                .. Enumerable.Range(0, Queue).SelectMany(
                    i => Request(CommandType.Write, i, length).Concat(data)),
            ];
            return new(client, requests, Queue * Reply.SimpleSize);
        }

        public void Run(int rounds)
        {
            for (int i = 0; i < rounds; i++)
            {
                _client.Send(_requests);
                Span<byte> rest = _replies;
                while (!rest.IsEmpty) { rest = rest[_client.Socket.Receive(rest)..]; }
            }
        }

        private static byte[] Request(CommandType type, int number, int length) =>
            RawClient.Request(type, (ulong)number, (ulong)(number * (long)length), (uint)length);
    }
}
