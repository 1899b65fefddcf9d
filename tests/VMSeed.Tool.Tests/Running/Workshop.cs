using System.Security.Cryptography;
using VMSeed.Testing;

namespace VMSeed.Tool.Tests.Running;

/// <summary>A publisher's folder: a key, a disk, a repository, all made by the tool.</summary>
internal sealed class Workshop : IDisposable
{
    public const string Image = "disk";

    private const int Seed = 20260101;

    private readonly TempFolder _folder = new();

    public string this[string name] => _folder[name];

    public string Root => _folder.Root;

    public string Disk => this["disk.raw"];

    public string Key => this["key"];

    public string Repository => this["www"];

    public string Head => Path.Join(Repository, $"images/{Image}.vmseed");

    public string PublicKey => File.ReadAllLines(this["key.pub"])[1];

    /// <summary>The image in the folder, with its key.</summary>
    public string Address => $"{Head}#{PublicKey}";

    /// <summary>What keeps a run apart from this machine's own cache and memory.</summary>
    public string[] Apart => ["--cache", this["cache"], "--state", this["state"]];

    /// <summary>Makes a key, a disk of a few MiB with holes, and publishes it.</summary>
    public static async Task<Workshop> PublishAsync(long length = (6 << 20) + 12345)
    {
        Workshop shop = new();
        shop.WriteDisk(Seed, length);
        await shop.PublishDiskAsync();
        return shop;
    }

    /// <summary>Makes a key, and publishes the disk that lies there already.</summary>
    public static async Task<Workshop> PublishAsync(
        Func<string, Task> makeDisk, params string[] more)
    {
        Workshop shop = new();
        await makeDisk(shop.Disk);
        await shop.PublishDiskAsync(more);
        return shop;
    }

    /// <summary>Publishes the disk as it is now.</summary>
    public async Task<Outcome> PackAsync(params string[] more) =>
        (await Vmseed.RunAsync(
            ["pack", Disk, "--repo", Repository, "--name", Image, "--key", Key, .. more]))
        .MustExit(0);

    /// <summary>Runs a verb on the image, with a cache and a memory of the test's own.</summary>
    public Task<Outcome> ReadAsync(string verb, string address, params string[] more) =>
        Vmseed.RunAsync([verb, address, .. Apart, .. more]);

    /// <summary>Other content, of the same kind: half random, a quarter text, a quarter
    /// zeros.</summary>
    public void WriteDisk(int seed, long length)
    {
        byte[] bytes = new byte[length];
        Random random = new(seed);
        int quarter = bytes.Length / 4;
        random.NextBytes(bytes.AsSpan(0, quarter));
        for (int i = quarter; i < quarter * 2; i++)
        {
            bytes[i] = (byte)"a repetitive text "[i % 18];
        }

        random.NextBytes(bytes.AsSpan(quarter * 3));
        File.WriteAllBytes(Disk, bytes);
    }

    public static string HashOf(string file)
    {
        using FileStream stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    /// <summary>Flips a bit in the middle of the largest object, which is a pack.</summary>
    /// <returns>Its path in the repository.</returns>
    public string DamagePack()
    {
        string pack = Objects().MaxBy(file => file.Length)!.FullName;
        byte[] bytes = File.ReadAllBytes(pack);
        bytes[bytes.Length / 4] ^= 1;
        File.WriteAllBytes(pack, bytes);
        return Path.GetRelativePath(Repository, pack);
    }

    public IEnumerable<FileInfo> Objects() =>
        new DirectoryInfo(Path.Join(Repository, "objects"))
            .EnumerateFiles("*", SearchOption.AllDirectories)
            .Where(file => file.Name[0] != '.');

    public void Dispose() => _folder.Dispose();

    private async Task PublishDiskAsync(params string[] more)
    {
        (await Vmseed.RunAsync("keygen", Key, "--no-password")).MustExit(0);
        await PackAsync(more);
    }
}
