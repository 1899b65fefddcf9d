using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;
using VMSeed.Fuse.Interop;
using VMSeed.Fuse.Protocol;
using VMSeed.Fuse.Serving;

namespace VMSeed.Fuse.Tests.Serving;

/// <summary>A packet socket plays /dev/fuse, so that a hostile kernel can be tried.</summary>
public sealed class FuseServerFuzz
{
    private static readonly FuseMountOptions Small = new()
    {
        ReaderThreads = 1, // Replies come in the order of requests.
        TransferLength = 64 * 1024,
    };

    [Fact]
    public async Task Malformed_requests_get_well_formed_answers()
    {
        (SafeFileHandle kernel, SafeFileHandle device) = Libc.SocketPair(Libc.SOCK_SEQPACKET);
        using SafeFileHandle ours = kernel;
        FuseServer server = new(
            [new BlockDeviceFile("disk.raw", new PatternDevice(100_000))],
            Small,
            NullLogger.Instance);
        server.Start(device);
        Random random = new(20_080_101);
        for (ulong unique = 2; unique < 40_000; unique += 2)
        {
            byte[] request = Request(random, unique);
            if (!Exchange(ours, request, unique)) { continue; }
        }

        ours.Dispose(); // The server's next read meets the end.
        await server.StopAsync();
    }

    private static byte[] Request(Random random, ulong unique)
    {
        byte[] request = new byte[InHeader.Size + random.Next(0, 100)];
        if (random.Next(4) != 0) { random.NextBytes(request); }

        InHeader header = new(
            (uint)(random.Next(10) == 0 ? random.Next() : request.Length),
            (Opcode)(random.Next(20) == 0 ? random.Next() : random.Next(0, 55)),
            unique,
            random.Next(8) == 0 ? (ulong)random.NextInt64() : (ulong)random.Next(0, 5),
            0,
            0,
            0,
            0,
            0);
        MemoryMarshal.Write(request, in header);
        if (random.Next(3) == 0 && request.Length >= InHeader.Size + 20)
        {
            // A read of a likely place and size.
            Span<byte> body = request.AsSpan(InHeader.Size);
            BinaryPrimitives.WriteInt64LittleEndian(body[8..], random.NextInt64(-10, 110_000));
            BinaryPrimitives.WriteInt32LittleEndian(body[16..], random.Next(0, 70_000));
        }

        return request;
    }

    /// <summary>Sends a request, then a look-up as a marker; reads what comes before the marker's
    /// answer.</summary>
    private static unsafe bool Exchange(SafeFileHandle kernel, byte[] request, ulong unique)
    {
        Send(kernel, request);
        byte[] marker = new byte[InHeader.Size];
        InHeader header = new(InHeader.Size, Opcode.StatFs, unique + 1, 1, 0, 0, 0, 0, 0);
        MemoryMarshal.Write(marker, in header);
        Send(kernel, marker);
        bool answered = false;
        byte[] reply = new byte[80 * 1024];
        while (true)
        {
            nint count;
            fixed (byte* start = reply) { count = Libc.read(kernel, start, (nuint)reply.Length); }

            Assert.True(count >= OutHeader.Size, "The server has gone.");
            OutHeader answer = MemoryMarshal.Read<OutHeader>(reply);
            Assert.Equal((uint)count, answer.Length);
            Assert.InRange(answer.Error, -133, 0);
            if (answer.Unique == unique + 1) { return answered; }

            Assert.Equal(unique, answer.Unique);
            Assert.False(answered, "A request was answered twice.");
            Assert.True(answer.Error == 0 || count == OutHeader.Size);
            answered = true;
        }
    }

    private static unsafe void Send(SafeFileHandle kernel, byte[] packet)
    {
        fixed (byte* start = packet)
        {
            Assert.Equal(packet.Length, (int)Libc.write(kernel, start, (nuint)packet.Length));
        }
    }
}
