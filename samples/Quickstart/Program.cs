// A program of a user of the package VMSeed.Blocks: it publishes a disk and reads it back lazily.
//
//   dotnet run                                            a disk of its own, in a folder of its own
//   dotnet run -- https://host/images/debian.vmseed#KEY   one that somebody has published
using System.Security.Cryptography;
using VMSeed.Blocks;
using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Publishing;
using VMSeed.Blocks.Trust;

if (args is [string address])
{
    await ReadAsync(address);
    return;
}

string folder = Directory.CreateTempSubdirectory("vmseed-quickstart-").FullName;
try
{
    string path = Path.Combine(folder, "disk.raw");
    byte[] content = RandomNumberGenerator.GetBytes(1_000_000);
    await File.WriteAllBytesAsync(path, content);

    using SecretKey key = SecretKey.Generate();
    string repository = Path.Combine(folder, "www");
    await using (FileBlockDevice source = FileBlockDevice.Open(path))
    {
        await ImagePublisher.PublishAsync(
            source,
            new PublishOptions { RepositoryPath = repository, Name = "first", Keys = [key] });
    }

    // Any web server that serves the folder would do; the address carries the key to trust.
    byte[] digest = await ReadAsync($"{repository}/images/first.vmseed#{key.PublicKey}");
    if (!digest.AsSpan().SequenceEqual(SHA256.HashData(content)))
    {
        throw new InvalidDataException("The disk came back with other bytes than were published.");
    }
}
finally
{
    Directory.Delete(folder, recursive: true);
}

static async Task<byte[]> ReadAsync(string address)
{
    var options = new LazyDiskOptions { CacheDirectory = null, StateDirectory = null };
    await using LazyDisk disk = await LazyDisk.OpenAsync(address, options);
    await using Stream stream = disk.AsStream();
    byte[] digest = await SHA256.HashDataAsync(stream);
    Console.WriteLine($"{disk}: {disk.Length} bytes, {disk.Statistics}");
    Console.WriteLine($"sha256 {Convert.ToHexStringLower(digest)}");
    return digest;
}
