using VMSeed.Gslb.Mirrors;
using VMSeed.Testing;
using VMSeed.Testing.Servers;

namespace VMSeed.Gslb.Tests;

/// <summary>What one handler has learned, the next one begins with.</summary>
public sealed class MirrorMemoryTests : IAsyncDisposable
{
    private const string Path = "images/disk.vmseed";

    // Far apart, so that no hedge comes between them on a busy machine.
    private static readonly TimeSpan _near = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan _far = TimeSpan.FromMilliseconds(600);

    private readonly TempFolder _state = new();
    private readonly Farm _farm;

    public MirrorMemoryTests()
    {
        _farm = new Farm(4, Remember);
        _farm.Write(Path, 1_000);
        for (int server = 0; server < _farm.Servers.Length; server++)
        {
            _farm.Servers[server].Always("*", Fault.Delay(server == 2 ? _near : _far));
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _farm.DisposeAsync();
        _state.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_client_with_memory_asks_the_best_mirror_first_and_races_none()
    {
        await LearnAsync();
        int[] asked = await AskedByNewClientAsync("home");
        Assert.Equal([2], asked);
    }

    [Fact]
    public async Task A_client_in_another_network_races()
    {
        await LearnAsync();
        Assert.True((await AskedByNewClientAsync("work")).Length > 1);
    }

    [Fact]
    public async Task Mirrors_that_a_disk_names_later_are_remembered_too()
    {
        await LearnAsync();
        MirrorHandlerOptions options = new() { Root = _farm.Servers[0].Root };
        Remember(options);
        using MirrorHandler handler = new(options);
        using HttpClient client = new(handler);
        using HttpRequestMessage first = Head(_farm.Servers[0].Root);
        (await client.SendAsync(first, Token)).Dispose();
        Forget();
        using HttpRequestMessage second = Head(_farm.Servers[0].Root);
        second.Options.Set(
            new HttpRequestOptionsKey<IReadOnlyList<Uri>>("VMSeed.Mirrors"),
            [.. _farm.Servers.Select(server => server.Root)]);
        (await client.SendAsync(second, Token)).Dispose();
        Assert.Equal([2], Asked());
    }

    [Fact]
    public void A_folder_that_is_none_is_refused() => Assert.Contains(
        "StateDirectory is ' '",
        Assert.Throws<ArgumentException>(
            () => new MirrorHandler(new MirrorHandlerOptions { StateDirectory = " " })).Message,
        StringComparison.Ordinal);

    // Requests that nobody waits for go to whoever has not been measured.
    private async Task LearnAsync()
    {
        for (int request = 0; request < _farm.Servers.Length; request++)
        {
            using HttpRequestMessage message = Farm.Ask(Path);
            message.Options.Set(new HttpRequestOptionsKey<bool>("VMSeed.Prefetch"), true);
            (await _farm.SendAsync(message)).Dispose();
        }

        await _farm.UntilNothingIsHeldAsync();
        Assert.All(_farm.Handler.FindSelector(Farm.Root)!.Snapshot(), row =>
            Assert.NotNull(row.FirstByte));
        _farm.Client.Dispose();
        Forget();
    }

    private async Task<int[]> AskedByNewClientAsync(string network)
    {
        MirrorHandlerOptions options = new()
        {
            Root = Farm.Root,
            IsRootAsked = false,
            Network = () => network,
            StateDirectory = _state.Root,
        };
        foreach (FaultServer server in _farm.Servers)
        {
            options.Mirrors.Add(new Mirror(server.Root));
        }

        using HttpClient client = new(new MirrorHandler(options));
        using HttpRequestMessage message = Head(Farm.Root);
        (await client.SendAsync(message, Token)).Dispose();
        return Asked();
    }

    private int[] Asked() =>
    [
        .. Enumerable.Range(0, _farm.Servers.Length)
            .Where(server => _farm.Servers[server].Requests.Count > 0),
    ];

    private void Forget()
    {
        foreach (FaultServer server in _farm.Servers)
        {
            server.Forget();
        }
    }

    private void Remember(MirrorHandlerOptions options)
    {
        options.Network = () => "home";
        options.StateDirectory = _state.Root;
    }

    private static HttpRequestMessage Head(Uri root)
    {
        HttpRequestMessage message = new(HttpMethod.Get, new Uri(root, Path));
        message.Options.Set(new HttpRequestOptionsKey<bool>("VMSeed.Mutable"), true);
        return message;
    }
}
