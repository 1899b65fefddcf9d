using System.Globalization;
using VMSeed.Testing.Peers;
using VMSeed.Testing.Servers;
using VMSeed.Tool.Tests.Guests;
using VMSeed.Tool.Tests.Running;

namespace VMSeed.Tool.Tests.Seeds;

/// <summary>A real Debian, published behind nginx, and seeds of it.</summary>
public sealed class SeedWorkshop : IAsyncLifetime
{
    // Ten seconds on a machine that does nothing else.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private Workshop _shop = null!;
    private NginxServer _server = null!;
    private string _client = null!;
    private int _seen;

    public string this[string name] => _shop[name];

    public async ValueTask InitializeAsync()
    {
        string disk = await GuestImages.FullDebianAsync();
        _client = await GuestClient.PublishAsync();
        _shop = await Workshop.PublishAsync(
            path =>
            {
                File.CreateSymbolicLink(path, disk);
                return Task.CompletedTask;
            },
            "--bootable");
        _server = await NginxServer.StartAsync(_shop.Repository);
        await MakeAllAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) { await _server.DisposeAsync(); }

        _shop?.Dispose();
    }

    /// <summary>A seed of a test's own.</summary>
    public async Task<string> MakeAsync(SeedFormat format, string name)
    {
        string path = this[$"{name}.{format.Ending}"];
        await PeerProgram.OutputAsync("cp", "--sparse=always", PristineOf(format), path);
        return path;
    }

    /// <summary>Bytes that the server was asked for since it was last asked this: every object's,
    /// heads left out.</summary>
    internal async Task<Served> ServedAsync()
    {
        string[][] all = await _server.ReadLogAsync();
        string[][] news = all[_seen..];
        _seen = all.Length;
        return new(
            [.. news.Select(ServedRange.Of)],
            news.Sum(line => long.Parse(line[2], CultureInfo.InvariantCulture)));
    }

    private string PristineOf(SeedFormat format) => this[$"seed.{format.Ending}"];

    // All formats in one call, for packing the client is most of the work. Guests find this machine
    // where QEMU shows it to them.
    private async Task MakeAllAsync() => (await Vmseed.RunAsync(
        s_patience,
        [
            "seed", $"{_server.Root}images/{Workshop.Image}.vmseed#{_shop.PublicKey}",
            .. _shop.Apart, "--client", _client, "--quiet",
            .. SeedFormat.All.SelectMany(format => new[] { "-o", PristineOf(format) }),
            "--url", $"http://10.0.2.2:{_server.Root.Port}/", "--menu-timeout", "1s",
        ])).MustExit(0);
}
