// A program of a user of the package VMSeed.Blocks.
//
//   dotnet run                                             a device over a local file
//   dotnet run -- https://host/images/debian.vmseed#KEY    a published disk, fetched as it is read
using System.Security.Cryptography;
using VMSeed.Blocks;
using VMSeed.Blocks.Devices;

if (args is [string address])
{
    await using LazyDisk disk = await LazyDisk.OpenAsync(address);
    await ShowAsync(disk);
    return;
}

string path = Path.GetTempFileName();
try
{
    byte[] content = RandomNumberGenerator.GetBytes(100_000);
    await File.WriteAllBytesAsync(path, content);
    await using FileBlockDevice device = FileBlockDevice.Open(path);
    await ShowAsync(device);

    byte[] middle = new byte[10];
    await device.ReadAsync(50_000, middle);
    if (!middle.AsSpan().SequenceEqual(content.AsSpan(50_000, 10)))
    {
        throw new InvalidDataException("The device gave other bytes than the file has.");
    }
}
finally
{
    File.Delete(path);
}

static async Task ShowAsync(BlockDevice device)
{
    // Any library that takes a stream works on a device, local or remote.
    await using Stream stream = device.AsStream();
    byte[] digest = await SHA256.HashDataAsync(stream);
    Console.WriteLine($"{device}: {device.Length} bytes");
    Console.WriteLine($"sha256 {Convert.ToHexStringLower(digest)}");
}
