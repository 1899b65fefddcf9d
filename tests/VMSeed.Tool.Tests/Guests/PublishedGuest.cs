using System.Globalization;
using VMSeed.Testing.Servers;
using VMSeed.Tool.Tests.Running;

namespace VMSeed.Tool.Tests.Guests;

/// <summary>A guest's disk as an image behind nginx, and a reader with a cache of its
/// own.</summary>
internal sealed class PublishedGuest : IAsyncDisposable
{
    private readonly Workshop _shop;
    private int _seen;

    private PublishedGuest(Workshop shop, NginxServer server) => (_shop, Server) = (shop, server);

    public NginxServer Server { get; }

    public string Address => $"{Server.Root}images/{Workshop.Image}.vmseed#{_shop.PublicKey}";

    public string Overlay => this["overlay"];

    public string this[string name] => _shop[name];

    public static async Task<PublishedGuest> CreateAsync(string disk)
    {
        Workshop shop = await Workshop.PublishAsync(path =>
        {
            File.CreateSymbolicLink(path, disk);
            return Task.CompletedTask;
        });
        return new PublishedGuest(shop, await NginxServer.StartAsync(shop.Repository));
    }

    /// <summary>Starts a guest whose changes are kept in <see cref="Overlay"/>.</summary>
    public RunningGuest Run(params string[] more) => RunningGuest.Start(
        [Address, .. _shop.Apart, "--accel", "tcg", "--overlay", Overlay, .. more]);

    /// <summary>Starts a guest whose changes are forgotten.</summary>
    public RunningGuest RunForgetful(params string[] more) => RunningGuest.Start(
        [Address, .. _shop.Apart, "--accel", "tcg", "--no-keep", .. more]);

    /// <summary>The same, read from another server.</summary>
    public RunningGuest RunFrom(Uri server, params string[] more) => RunningGuest.Start(
        [
            Address.Replace($"{Server.Root}", $"{server}", StringComparison.Ordinal),
            .. _shop.Apart, "--accel", "tcg", "--no-keep", .. more,
        ]);

    /// <summary>Publishes another disk under the same name.</summary>
    public Task PublishAgainAsync(string disk)
    {
        File.Delete(_shop.Disk);
        File.CreateSymbolicLink(_shop.Disk, disk);
        return _shop.PackAsync();
    }

    /// <summary>What the server was asked since it was last asked this.</summary>
    public async Task<Served> ServedAsync()
    {
        string[][] all = await Server.ReadLogAsync();
        string[][] news = all[_seen..];
        _seen = all.Length;
        return new(
            [.. news.Select(ServedRange.Of)],
            news.Sum(line => long.Parse(line[2], CultureInfo.InvariantCulture)));
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _shop.Dispose();
    }
}
