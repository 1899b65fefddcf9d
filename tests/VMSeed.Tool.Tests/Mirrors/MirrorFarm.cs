using VMSeed.Testing.Servers;
using VMSeed.Tool.Tests.Running;

namespace VMSeed.Tool.Tests.Mirrors;

/// <summary>Copies of a workshop's repository, each behind an nginx of its own.</summary>
internal sealed class MirrorFarm : IAsyncDisposable
{
    private readonly Workshop _shop;
    private readonly List<NginxServer> _servers = [];

    private MirrorFarm(Workshop shop) => _shop = shop;

    public IReadOnlyList<NginxServer> Servers => _servers;

    /// <summary>The image at the first mirror, with its key.</summary>
    public string Address => AddressAt(0);

    /// <summary>The other mirrors, as options.</summary>
    public string[] Others =>
        [.. _servers.Skip(1).SelectMany(server => new[] { "--mirror", $"{server.Root}" })];

    /// <summary>Copies the repository with the tool, and serves the copies.</summary>
    public static async Task<MirrorFarm> StartAsync(
        Workshop shop, int count, string directives = "")
    {
        MirrorFarm farm = new(shop);
        for (int i = 0; i < count; i++)
        {
            (await Vmseed.RunAsync("sync", shop.Repository, farm.Folder(i))).MustExit(0);
            farm._servers.Add(await NginxServer.StartAsync(farm.Folder(i), directives));
        }

        return farm;
    }

    public string Folder(int mirror) => _shop[$"mirror{mirror}"];

    public string AddressAt(int mirror) =>
        $"{_servers[mirror].Root}images/disk.vmseed#{_shop.PublicKey}";

    /// <summary>Flips a bit in every pack of a mirror.</summary>
    public void Damage(int mirror)
    {
        foreach (string path in PacksOf(mirror))
        {
            byte[] bytes = File.ReadAllBytes(path);
            for (int at = 1000; at < bytes.Length; at += 4096)
            {
                bytes[at] ^= 0x10;
            }

            File.WriteAllBytes(path, bytes);
        }
    }

    /// <summary>Removes every pack of a mirror.</summary>
    public void Lose(int mirror)
    {
        foreach (string path in PacksOf(mirror))
        {
            File.Delete(path);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (NginxServer server in _servers)
        {
            await server.DisposeAsync();
        }
    }

    private string[] PacksOf(int mirror) =>
    [
        .. Directory.EnumerateFiles(
            Path.Join(Folder(mirror), "objects"), "*", SearchOption.AllDirectories)
            .Where(path => File.ReadAllBytes(path).AsSpan().StartsWith("VMSPACK1"u8)),
    ];
}
