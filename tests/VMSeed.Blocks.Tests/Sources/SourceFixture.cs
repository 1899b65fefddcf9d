using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Sources;
using VMSeed.Blocks.Sources.Http;
using VMSeed.Testing;
using VMSeed.Testing.Servers;

namespace VMSeed.Blocks.Tests.Sources;

/// <summary>A folder with one object and one head, a server over it, and a source that reads
/// it.</summary>
internal sealed class SourceFixture : IAsyncDisposable
{
    public const string Name = "objects/ab/abcdef";
    public const string HeadName = "images/debian.vmseed";

    // Short, so that stalls end quickly; long against the milliseconds that the loopback takes.
    public static readonly HttpSourceOptions Impatient = new()
    {
        NoProgressTimeout = TimeSpan.FromMilliseconds(400),
        SlowStart = TimeSpan.FromMilliseconds(800),
        MaxWholeObject = 200_000,
    };

    public SourceFixture(HttpSourceOptions? options = null, ILogger? logger = null)
    {
        new Random(7).NextBytes(Bytes);
        Folder.Write(Name, Bytes);
        Folder.Write(HeadName, Bytes.AsSpan(0, 1000));
        Server = new FaultServer(Folder.Root);
        Client = DefaultHttpClient.Create();
        Source = new HttpObjectSource(
            Client, Server.Root, options ?? Impatient, TimeProvider.System,
            logger ?? NullLogger.Instance);
    }

    public byte[] Bytes { get; } = new byte[100_000];

    public TempFolder Folder { get; } = new();

    public FaultServer Server { get; }

    public HttpClient Client { get; }

    public HttpObjectSource Source { get; }

    public string Url => Server.Root + Name;

    public ObjectRequest Ask(long offset, int length) => new(Name, offset, length, Bytes.Length);

    public async Task<BlockIOException> FailAsync(ObjectRequest? request = null) =>
        await Assert.ThrowsAsync<BlockIOException>(
            () => ReadAsync(Source, request ?? Ask(5000, 20_000)));

    public static async Task<byte[]> ReadAsync(
        ObjectSource source, ObjectRequest request, CancellationToken? cancellation = null)
    {
        CancellationToken cancellationToken =
            cancellation ?? TestContext.Current.CancellationToken;
        await using ObjectBody body = await source.OpenAsync(request, cancellationToken);
        byte[] bytes = new byte[request.Length];
        await body.FillAsync(bytes, cancellationToken);
        return bytes;
    }

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        Client.Dispose();
        await Server.DisposeAsync();
        Folder.Dispose();
    }
}
