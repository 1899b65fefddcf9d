using System.Security.Cryptography;
using VMSeed.Blocks.Devices;
using VMSeed.Testing;

namespace VMSeed.Fuse.Tests;

/// <summary>What users do with the file: a file system inside it is mounted.</summary>
public sealed class LoopMountTests
{
    [Fact]
    public async Task An_ext4_inside_is_clean_and_holds_its_files()
    {
        using TempFolder folder = new();
        string content = folder["content"];
        Directory.CreateDirectory(content);
        for (int i = 0; i < 50; i++)
        {
            byte[] bytes = new byte[i * 40_000];
            new Random(i).NextBytes(bytes);
            await File.WriteAllBytesAsync(
                Path.Combine(content, $"{i}"), bytes, TestContext.Current.CancellationToken);
        }

        await Shell.RunAsync(
            Need.Tool("mkfs.ext4"), "-q", "-d", content, folder["ext4"], "128M");
        await using FileBlockDevice device = FileBlockDevice.Open(folder["ext4"]);
        await using Mounted mounted =
            await Mounted.StartAsync([new BlockDeviceFile("disk.raw", device)]);
        await Shell.RunAsync(Need.Tool("fsck.ext4"), "-n", "-f", mounted["disk.raw"]);

        string inner = folder["inner"];
        Directory.CreateDirectory(inner);
        await Shell.RunAsync("mount", "-o", "loop,ro", mounted["disk.raw"], inner);
        try
        {
            foreach (string file in Directory.GetFiles(content))
            {
                string copy = Path.Combine(inner, Path.GetFileName(file));
                Assert.Equal(Hash(file), Hash(copy));
            }
        }
        finally
        {
            await Shell.RunAsync("umount", inner);
        }
    }

    private static string Hash(string path) =>
        Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)));
}
