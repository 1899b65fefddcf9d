using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;
using VMSeed.Testing.Servers.Proxies;

namespace VMSeed.Gslb.Tests.WideArea;

/// <summary>The same read over thirteen mirrors and over the best of them alone, which fails when
/// three tenths have been read.</summary>
/// <remarks>VMSEED_WIDE_AREA names a file that the rows of docs/BENCHMARKS.md are added
/// to.</remarks>
public sealed class WideAreaComparison(PublishedImage image, ITestOutputHelper output)
    : IClassFixture<PublishedImage>
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ProxyFault.None)]
    [InlineData(ProxyFault.Refused)]
    [InlineData(ProxyFault.Reset)]
    [InlineData(ProxyFault.Unanswered)]
    [InlineData(ProxyFault.Silent)]
    [InlineData(ProxyFault.Drip)]
    [InlineData(ProxyFault.FlippedBit)]
    [Trait("Stage", "Long")]
    public async Task Thirteen_go_on_where_one_is_the_end(ProxyFault fault)
    {
        (string thirteen, bool isWhole) = await ReadAsync(fault, isPlain: false);
        Assert.True(isWhole, thirteen);
        (string one, isWhole) = await ReadAsync(fault, isPlain: true);
        Assert.Equal(fault == ProxyFault.None, isWhole);
        string row = $"| {fault} | {thirteen} | {one} |";
        output.WriteLine(row);
        if (Environment.GetEnvironmentVariable("VMSEED_WIDE_AREA") is { Length: > 0 } file)
        {
            await File.AppendAllLinesAsync(file, [row], Token);
        }
    }

    // A handler that has been used knows its mirrors; the first read of all pays for that.
    private async Task MeasureAsync(WideAreaMirrors area)
    {
        await using LazyDisk disk = await area.OpenAsync();
        long began = TimeProvider.System.GetTimestamp();
        await new WholeRead(disk).RunAsync(Token);
        output.WriteLine($"the first read took {TimeProvider.System.GetElapsedTime(began)}");
    }

    private async Task<(string Row, bool IsWhole)> ReadAsync(ProxyFault fault, bool isPlain)
    {
        await using WideAreaMirrors area = new(image);
        FaultProxy nearest = area.Proxies[0];
        using HttpClient plain = new(new SocketsHttpHandler
        {
            ConnectCallback = (_, stop) => nearest.ConnectAsync(stop),
        });
        if (!isPlain)
        {
            await MeasureAsync(area);
        }

        await using LazyDisk disk = isPlain
            ? await area.OpenPlainAsync(plain, nearest) : await area.OpenAsync();
        WholeRead read = new WholeRead(disk)
            .When(0.3, () => (isPlain ? nearest : area.Best).Fault = fault);
        using CancellationTokenSource late =
            CancellationTokenSource.CreateLinkedTokenSource(Token);
        late.CancelAfter(_patience);
        long began = TimeProvider.System.GetTimestamp();
        try
        {
            Assert.Equal(image.Digest, await read.RunAsync(late.Token));
            double seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
            double longest = read.Longest.TotalMilliseconds;
            return (FormattableString.Invariant($"{seconds:0.0} s | {longest:0} ms"), true);
        }
        catch (BlockIOException error)
        {
            double seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
            return (FormattableString.Invariant(
                $"failed after {seconds:0.0} s ({error.Reason}) | –"), false);
        }
        catch (OperationCanceledException) when (!Token.IsCancellationRequested)
        {
            return ($"no end in {_patience.TotalSeconds:0} s | –", false);
        }
    }
}
