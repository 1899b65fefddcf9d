using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;
using VMSeed.Gslb.Health;
using VMSeed.Testing.Servers.Proxies;

namespace VMSeed.Gslb.Tests.WideArea;

/// <summary>A published image is read end to end over thirteen lines, while mirrors fail in
/// mid-read.</summary>
public sealed class WideAreaTests(PublishedImage image, ITestOutputHelper output)
    : IClassFixture<PublishedImage>, IAsyncDisposable
{
    // A quiet machine needs less than half a second. Without hedges and deadlines a reader would
    // wait for the disk's own patience, 10 s, or for ever.
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(5);

    private static readonly ProxyFault[] _faults =
        [.. Enum.GetValues<ProxyFault>().Where(fault => fault != ProxyFault.None)];

    private readonly WideAreaMirrors _area = new(image);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _area.DisposeAsync();

    [Fact]
    public async Task While_nothing_fails_the_near_mirrors_bring_the_image()
    {
        WholeRead read = await ReadAsync(_ => { });
        double near = _area.Snapshot().Take(3).Sum(status => status.Share);
        Assert.InRange(near, 0.5, 1);
        Assert.InRange(read.Longest, TimeSpan.Zero, _longest);
        Assert.All(_area.Snapshot(), status => Assert.Equal(0, status.Failures));
        Assert.Empty(_area.Log.Warnings);
    }

    [Theory]
    [InlineData(ProxyFault.Reset, ProxyFault.Refused)]
    [InlineData(ProxyFault.Unanswered, ProxyFault.Unanswered)]
    [InlineData(ProxyFault.Silent, ProxyFault.Silent)]
    [InlineData(ProxyFault.Drip, ProxyFault.Drip)]
    public async Task The_best_mirror_is_killed_in_mid_read_and_no_reader_notices(
        ProxyFault first, ProxyFault then)
    {
        FaultProxy best = null!;
        (long OfBest, long OfAll) before = default;
        WholeRead read = await ReadAsync(read => read
            .When(0.3, () => (best = _area.Best).Fault = first)
            .When(0.5, () => best.Fault = then)
            .When(0.6, () => before = RequestsTo(best)));
        Assert.InRange(read.Longest, TimeSpan.Zero, _longest);
        (long ofBest, long ofAll) = RequestsTo(best);
        Assert.InRange(ofBest - before.OfBest, 0, (ofAll - before.OfAll) / 5);
    }

    [Fact]
    public async Task A_mirror_that_flips_bits_is_found_and_asked_nothing_more()
    {
        FaultProxy best = null!;
        WholeRead read = await ReadAsync(
            read => read.When(0.3, () => (best = _area.Best).Fault = ProxyFault.FlippedBit));
        Assert.InRange(read.Longest, TimeSpan.Zero, _longest);
        await Farm.UntilAsync(() => IsOut(_area.StatusOf(best)));
        int asked = best.Requests.Count;
        await ReadAsync(_ => { });
        Assert.Equal(asked, best.Requests.Count);
        Assert.InRange(_area.StatusOf(best).Corrupt, 1, 20);
        Assert.Equal(
            [best.Root],
            _area.Snapshot().Where(status => status.Corrupt > 0).Select(status => status.Address));
        string error = Assert.Single(_area.Log.Errors);
        Assert.Contains(best.Root.ToString(), error);
        Assert.Contains("past caches too", error);
    }

    [Fact]
    public async Task Nine_mirrors_fail_each_in_its_own_way_and_the_others_bring_the_image()
    {
        // Two of three: the nearest are among them, and one is left on each continent.
        FaultProxy[] good = [.. _area.Proxies.Where((_, index) => index % 3 == 2)];
        WholeRead read = await ReadAsync(
            read => read.When(0.2, () => Break([.. _area.Proxies.Except(good)])));
        Assert.InRange(read.Longest, TimeSpan.Zero, 2 * _longest);
        Assert.Equal(_faults.Length, _area.Proxies.Length - good.Length);
        Assert.True(good.Sum(proxy => proxy.BytesSent) > _area.Proxies.Sum(p => p.BytesSent) / 2);
    }

    [Fact]
    public async Task One_mirror_that_is_left_of_thirteen_brings_the_image()
    {
        FaultProxy last = _area.Proxies[5];
        WholeRead read = await ReadAsync(read => read
            .When(0.2, () => Break([.. _area.Proxies.Where(proxy => proxy != last)])));
        Assert.InRange(read.Longest, TimeSpan.Zero, 2 * _longest);
        Assert.Equal(_area.Proxies.Max(proxy => proxy.BytesSent), last.BytesSent);
    }

    // Different hosts that are wrong at once have one cause, and it is none of them.
    [Theory]
    [InlineData(ProxyFault.Portal)]
    [InlineData(ProxyFault.FlippedBit)]
    public async Task What_comes_between_is_waited_for_and_no_mirror_is_blamed(ProxyFault fault)
    {
        await using LazyDisk disk = await _area.OpenAsync();
        WholeRead read = new(disk);
        Task end = Task.CompletedTask;
        read.When(0.3, () =>
        {
            SetAll(fault);
            end = EndAsync();
        });
        Assert.Equal(image.Digest, await read.RunAsync(Token));
        await end;
        Report(read);
        Assert.InRange(read.Longest, TimeSpan.FromSeconds(1), 2 * _longest);
        Assert.DoesNotContain(
            _area.Snapshot(), status => status.Condition == SiteCondition.Quarantined);
        Assert.Contains(_area.Log.Warnings, line => line.Contains("in their place"));

        async Task EndAsync()
        {
            await Task.Delay(TimeSpan.FromSeconds(1.5), TimeProvider.System, Token);
            SetAll(ProxyFault.None);
        }
    }

    [Theory]
    [InlineData(ProxyFault.Portal, "answered with a page")]
    [InlineData(ProxyFault.FlippedBit, "sent wrong bytes")]
    public async Task What_comes_between_for_too_long_fails_a_read_and_says_so(
        ProxyFault fault, string fact)
    {
        await using LazyDisk disk = await _area.OpenAsync(TimeSpan.FromSeconds(4));
        SetAll(fault);
        byte[] piece = new byte[64 * 1024];
        BlockIOException error = await Assert.ThrowsAsync<BlockIOException>(
            async () => await disk.ReadAsync(disk.Length / 4, piece, Token));
        Assert.Equal(FailureReason.Unavailable, error.Reason);
        Assert.Contains(fact, error.Message);
        SetAll(ProxyFault.None);
        Assert.Equal(image.Digest, await new WholeRead(disk).RunAsync(Token));
    }

    private async Task<WholeRead> ReadAsync(Action<WholeRead> plan)
    {
        await using LazyDisk disk = await _area.OpenAsync();
        WholeRead read = new(disk);
        plan(read);
        Assert.Equal(image.Digest, await read.RunAsync(Token));
        Report(read);
        return read;
    }

    private static bool IsOut(MirrorStatus status) =>
        status is { Condition: SiteCondition.Quarantined, InFlight: 0 };

    private (long OfOne, long OfAll) RequestsTo(FaultProxy proxy) =>
        (_area.StatusOf(proxy).Requests, _area.Snapshot().Sum(status => status.Requests));

    private static void Break(FaultProxy[] proxies)
    {
        for (int i = 0; i < proxies.Length; i++)
        {
            proxies[i].Fault = _faults[i % _faults.Length];
        }
    }

    private void SetAll(ProxyFault fault) =>
        Array.ForEach(_area.Proxies, proxy => proxy.Fault = fault);

    private void Report(WholeRead read)
    {
        output.WriteLine($"the longest wait was {read.Longest.TotalMilliseconds:0} ms");
        foreach (FaultProxy proxy in _area.Proxies)
        {
            MirrorStatus status = _area.StatusOf(proxy);
            output.WriteLine(
                $"{proxy.Fault,10} {proxy.BytesSent,9} bytes {proxy.Requests.Count,4} requests, "
                + $"{status.Condition}, first byte {status.FirstByte?.TotalMilliseconds:0.0} ms, "
                + $"{status.Failures} failed, {status.Corrupt} corrupt");
        }

        output.WriteLine(string.Join('\n', _area.Log.Messages));
    }
}
