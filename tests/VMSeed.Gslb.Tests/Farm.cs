using VMSeed.Gslb.Mirrors;
using VMSeed.Testing;
using VMSeed.Testing.Servers;

namespace VMSeed.Gslb.Tests;

/// <summary>Mirrors on real sockets, and a client that reads through a handler over
/// them.</summary>
/// <remarks>The root that requests are addressed to is a name only: no server has it, so that what
/// comes, came from a mirror. Disposing of the farm fails where anything is still held.</remarks>
public sealed class Farm : IAsyncDisposable
{
    public static readonly Uri Root = new("http://origin.invalid/disk/");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    private readonly TempFolder _folder = new();

    public Farm(int count, Action<MirrorHandlerOptions>? configure = null)
    {
        Servers = [.. Enumerable.Range(0, count).Select(_ => new FaultServer(_folder.Root))];
        MirrorHandlerOptions options = new()
        {
            Root = Root,
            IsRootAsked = false,
            AreFilesImmutable = true,
            Seed = 1,
        };
        foreach (FaultServer server in Servers)
        {
            options.Mirrors.Add(new Mirror(server.Root));
        }

        configure?.Invoke(options);
        Handler = new MirrorHandler(options, Log, TimeProvider.System);
        Client = new HttpClient(Handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    public FaultServer[] Servers { get; }

    /// <summary>What every server serves.</summary>
    public string Folder => _folder.Root;

    public MirrorHandler Handler { get; }

    public HttpClient Client { get; }

    public RecordingLogger<MirrorHandler> Log { get; } = new();

    /// <summary>Puts a file on every mirror.</summary>
    public byte[] Write(string path, int length, int seed = 1)
    {
        byte[] bytes = Pattern.Random(length, seed);
        _folder.Write(path, bytes);
        return bytes;
    }

    /// <summary>Removes a file from every mirror.</summary>
    public void Remove(string path) => File.Delete(_folder[path]);

    /// <summary>Has so many requests answered in one way, whichever mirrors they come to.</summary>
    public void Break(int count, Fault fault) => BreakAll(Fault.Times(count, fault));

    /// <summary>Has all mirrors answer in one way.</summary>
    public void BreakAll(Fault fault)
    {
        foreach (FaultServer server in Servers)
        {
            server.Always("*", fault);
        }
    }

    /// <summary>All requests that came to any mirror.</summary>
    public ServedRequest[] Requests => [.. Servers.SelectMany(server => server.Requests)];

    /// <summary>A request for a file, or a part of it.</summary>
    public static HttpRequestMessage Ask(string path, long first = -1, long last = -1)
    {
        HttpRequestMessage request = new(HttpMethod.Get, new Uri(Root, path));
        if (first >= 0)
        {
            request.Headers.TryAddWithoutValidation("Range", $"bytes={first}-{last}");
        }

        return request;
    }

    /// <summary>Sends a request as a disk does: up to the head, with a check of the
    /// content.</summary>
    public Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, byte[]? expected = null, CancellationToken? stop = null)
    {
        if (expected is not null)
        {
            request.Options.Set(
                new HttpRequestOptionsKey<Func<ReadOnlyMemory<byte>, bool?>>("VMSeed.Check"),
                body => body.Span.SequenceEqual(expected));
        }

        return Client.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, stop ?? Token);
    }

    /// <summary>Asks for a whole file that is checked.</summary>
    public async Task<HttpResponseMessage> GetAsync(
        string path, byte[] expected, CancellationToken stop)
    {
        using HttpRequestMessage request = Ask(path);
        return await SendAsync(request, expected, stop);
    }

    /// <summary>Reads a part of a file that is checked.</summary>
    public async Task<byte[]> ReadAsync(string path, byte[] file, long first, int length)
    {
        byte[] expected = file.AsSpan((int)first, length).ToArray();
        using HttpRequestMessage request = Ask(path, first, first + length - 1);
        using HttpResponseMessage response = await SendAsync(request, expected);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsByteArrayAsync(Token);
    }

    /// <summary>The server that sent an answer.</summary>
    public FaultServer ServerOf(HttpResponseMessage response)
    {
        Assert.True(response.RequestMessage!.Options.TryGetValue(
            new HttpRequestOptionsKey<Uri>("VMSeed.Mirror"), out Uri? address));
        return Servers.Single(server => server.Root.Port == address!.Port);
    }

    /// <summary>Waits for something that happens beside the reader.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(
                TimeProvider.System.GetElapsedTime(began) < _patience,
                "It did not happen in time.");
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Token);
        }
    }

    /// <summary>Waits until nothing is held: no attempt, no buffer, no request counted.</summary>
    public Task UntilNothingIsHeldAsync() => UntilAsync(() =>
        Handler.Tools is { Live: 0, Buffers.Rented: 0 }
        && (Handler.FindSelector(Root)?.Desk.Sites.All(site => site.InFlight == 0) ?? true));

    public async ValueTask DisposeAsync()
    {
        await UntilNothingIsHeldAsync();
        Client.Dispose();
        foreach (FaultServer server in Servers)
        {
            await server.DisposeAsync();
        }

        _folder.Dispose();
        GC.SuppressFinalize(this);
    }
}
