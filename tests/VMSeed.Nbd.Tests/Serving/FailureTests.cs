using VMSeed.Blocks.Primitives;
using VMSeed.Nbd.Protocol;
using VMSeed.Testing;

namespace VMSeed.Nbd.Tests.Serving;

public sealed class FailureTests
{
    private const int DiskFull = 28;

    public static TheoryData<string, int> Failures => new()
    {
        { "missing", (int)ErrorCode.InputOutput },
        { "full", (int)ErrorCode.NoSpace },
        { "denied", (int)ErrorCode.Permission },
        { "odd", (int)ErrorCode.InputOutput },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task What_an_export_throws_is_a_number_to_the_client(string kind, int expected)
    {
        await using Served served = Served.Start(
            [new FailingExport(() => Make(kind), later: false)]);
        await AssertFailsAsync(served, expected);
        await using Served slow = Served.Start([new FailingExport(() => Make(kind), later: true)]);
        await AssertFailsAsync(slow, expected);
    }

    [Fact]
    public async Task The_log_has_one_line_and_the_client_no_secret()
    {
        RecordingLogger<FailureTests> logger = new();
        await using Served served = Served.Start(
            [new FailingExport(() => new IOException("/secret/place broke."), later: false)],
            logger: logger);
        using RawClient client = RawClient.Ready(served, structured: true);
        for (ulong i = 0; i < 50; i++)
        {
            client.Send(RawClient.Request(CommandType.Read, i, 0, 512));
            Chunk chunk = client.ReceiveChunk();
            Assert.Equal(ChunkType.Error, chunk.Type);
            Assert.DoesNotContain("secret", System.Text.Encoding.UTF8.GetString(chunk.Payload));
        }

        Assert.Equal("/secret/place broke.", Assert.Single(logger.Errors));
    }

    private static Task AssertFailsAsync(Served served, int expected) =>
        Nbdsh.RunAsync(served.Uri, $"""
            h.add_meta_context('base:allocation')
            h.connect_uri(uri)
            calls = [lambda: h.pread(512, 0), lambda: h.pread(512 * 1024, 0),
                     lambda: h.pwrite(bytes(512), 0), lambda: h.pwrite(bytes(3 << 20), 512),
                     lambda: h.zero(512, 0), lambda: h.trim(512, 0), lambda: h.flush(),
                     lambda: h.cache(512, 0),
                     lambda: h.block_status(512, 0, lambda *a: 0)]
            for call in calls:
                try:
                    call()
                except nbd.Error as e:
                    assert e.errnum == {expected}, e
                else:
                    assert False, 'no error'
            assert h.get_size() == {FailingExport.Size}
            h.shutdown()
            """);

    private static Exception Make(string kind) => kind switch
    {
        "missing" => new BlockIOException(FailureReason.Missing, "There is no such object."),
        "full" => new IOException("No space left.", DiskFull),
        "denied" => new UnauthorizedAccessException("No."),
        _ => new InvalidOperationException("A fault."),
    };
}
