using Microsoft.Extensions.Logging.Abstractions;
using VMSeed.Blocks.Sources;
using VMSeed.Blocks.Sources.Http;
using VMSeed.Testing;
using VMSeed.Testing.Servers;

namespace VMSeed.Blocks.Tests.Sources.Http;

[Collection(nameof(AloneCollection))]
public sealed class HttpAllocationTests
{
    private const int Length = 1 << 20;
    private const int Times = 200;

    /// <summary>4.3 KiB here, nearly all of it HttpClient's own; a buffer of a body is 1
    /// MiB.</summary>
    private const long MostBytes = 16 * 1024;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_allocates_little_and_nothing_for_its_bytes()
    {
        using TempFolder folder = new();
        byte[] bytes = new byte[2 * Length];
        new Random(5).NextBytes(bytes);
        folder.Write(SourceFixture.Name, bytes);
        await using NginxServer server = await NginxServer.StartAsync(folder.Root);
        await using HttpObjectSource source = new(
            DefaultHttpClient.Create(), server.Root, new HttpSourceOptions(), TimeProvider.System,
            NullLogger.Instance, ownsClient: true);
        byte[] buffer = new byte[Length];

        await ReadManyAsync(Times / 4);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        await ReadManyAsync(Times);
        long each = (GC.GetTotalAllocatedBytes(precise: true) - before) / Times;

        Assert.InRange(each, 0, MostBytes);
        Assert.Equal(bytes[(Times - 1)..(Times - 1 + Length)], buffer);

        async Task ReadManyAsync(int times)
        {
            for (int i = 0; i < times; i++)
            {
                ObjectRequest request = new(SourceFixture.Name, i, Length, bytes.Length);
                await using ObjectBody body = await source.OpenAsync(request, Stop);
                await body.FillAsync(buffer, Stop);
            }
        }
    }
}
