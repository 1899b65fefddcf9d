using System.Net;
using VMSeed.Blocks;
using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Transport.Sockets;
using VMSeed.Testing;
using VMSeed.Testing.Servers.Proxies;

namespace VMSeed.Gslb.Tests.WideArea;

/// <summary>Thirteen mirrors of a published image, as far from here as from Frankfurt, on real
/// sockets.</summary>
/// <remarks>The round trips are those of the simulator's world, and everything is four times as
/// quick, so that a read takes seconds. Each mirror is a host of its own.</remarks>
public sealed class WideAreaMirrors : IAsyncDisposable
{
    private const double Haste = 4;

    // Frankfurt, London, Madrid; Washington, Dallas, Toronto; Tokyo (4), Osaka (3).
    private static readonly double[] _trips =
        [3, 13, 29, 92, 123, 92, 231, 232, 234, 236, 232, 234, 236];

    // Megabits per second: around 30, and the farther are not the slower.
    private static readonly double[] _speeds =
        [30, 20, 30, 40, 15, 25, 40, 20, 15, 30, 25, 35, 20];

    private readonly PublishedImage _image;

    public WideAreaMirrors(PublishedImage image)
    {
        _image = image;
        Proxies = [.. Enumerable.Range(0, _trips.Length).Select(MakeProxy)];
        MirrorHandlerOptions options = new() { Root = Farm.Root, IsRootAsked = false, Seed = 1 };
        foreach (FaultProxy proxy in Proxies)
        {
            options.Mirrors.Add(new Mirror(proxy.Root));
        }

        AddressRace race = new(
            new AddressBook(TimeProvider.System),
            TimeProvider.System,
            Dns.GetHostAddressesAsync,
            (place, stop) => At(place).ConnectAsync(stop).AsTask());
        Handler = new MirrorHandler(options, Log, TimeProvider.System, race);
        Client = new HttpClient(Handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>The lines, nearest first.</summary>
    public FaultProxy[] Proxies { get; }

    public MirrorHandler Handler { get; }

    public HttpClient Client { get; }

    public RecordingLogger<MirrorHandler> Log { get; } = new();

    /// <summary>What is known of each mirror.</summary>
    public IReadOnlyList<MirrorStatus> Snapshot() => Handler.FindSelector(Farm.Root)!.Snapshot();

    /// <summary>The line to the mirror that is preferred now.</summary>
    public FaultProxy Best => Proxies.Single(
        proxy => proxy.Root == Snapshot().Single(status => status.IsPreferred).Address);

    /// <summary>What is known of one mirror.</summary>
    public MirrorStatus StatusOf(FaultProxy proxy) =>
        Snapshot().Single(status => status.Address == proxy.Root);

    /// <summary>Opens the image through the mirrors.</summary>
    /// <param name="deadline">How long a read goes on trying; null: as long as usual.</param>
    public Task<LazyDisk> OpenAsync(TimeSpan? deadline = null) =>
        OpenAsync(Client, Farm.Root, deadline);

    /// <summary>Opens the image of one mirror, with a client that knows of no others.</summary>
    /// <param name="client">The client; its connections are the line's.</param>
    /// <param name="proxy">The line.</param>
    public Task<LazyDisk> OpenPlainAsync(HttpClient client, FaultProxy proxy) =>
        OpenAsync(client, proxy.Root, null);

    private Task<LazyDisk> OpenAsync(HttpClient client, Uri root, TimeSpan? deadline)
    {
        LazyDiskOptions options = new()
        {
            HttpClient = client,
            PublicKeys = [_image.Key],
            CacheDirectory = null,
            StateDirectory = null,
        };
        return LazyDisk.OpenAsync(
            new Uri(root, PublishedImage.HeadName),
            options with { ReadDeadline = deadline ?? options.ReadDeadline },
            TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await Farm.UntilAsync(() => Handler.Tools is { Live: 0, Buffers.Rented: 0 });
        Client.Dispose();
        foreach (FaultProxy proxy in Proxies)
        {
            await proxy.DisposeAsync();
        }
    }

    private FaultProxy MakeProxy(int index) => new(
        _image.Server,
        new ProxyCondition
        {
            RoundTrip = TimeSpan.FromMilliseconds(_trips[index] / Haste),
            Jitter = TimeSpan.FromMilliseconds(2),
            BytesPerSecond = _speeds[index] * 1_000_000 / 8 * Haste,
        },
        new IPAddress([127, 0, 0, (byte)(index + 1)]),
        seed: index);

    private FaultProxy At(IPEndPoint place) =>
        Proxies.Single(proxy => proxy.EndPoint.Equals(place));
}
