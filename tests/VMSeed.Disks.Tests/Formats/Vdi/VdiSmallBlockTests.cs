using System.Buffers.Binary;
using VMSeed.Testing.Contracts.Disks;

namespace VMSeed.Disks.Tests.Formats.Vdi;

/// <summary>Blocks of 128 KiB, which QEMU and 7-Zip refuse: a few lines that read the file by the
/// format's rules judge, and the check.</summary>
public sealed class VdiSmallBlockTests : VdiContractTests
{
    private const int BlockSize = 128 << 10;

    protected override VirtualDiskCreateOptions Options { get; } =
        new() { Format = DiskFormat.Vdi, Length = 0, BlockSize = BlockSize };

    protected override async ValueTask CheckWithOracleAsync(string path, byte[] content)
    {
        byte[] image = await File.ReadAllBytesAsync(path, Token);
        ContentAssert.Same(content, Flatten(image).AsMemory(0, content.Length));
        await using VirtualDisk disk = await VirtualDisk.OpenFileAsync(
            path, cancellationToken: Token);
        Assert.True((await disk.CheckAsync(cancellationToken: Token)).IsClean);
    }

    private static byte[] Flatten(byte[] image)
    {
        int map = Int32(image, 0x154);
        int data = Int32(image, 0x158);
        int count = Int32(image, 0x180);
        byte[] disk = new byte[count * BlockSize];
        for (int block = 0; block < count; block++)
        {
            // -1 and -2 are blocks without storage.
            int number = Int32(image, map + (4 * block));
            if (number >= 0)
            {
                Assert.True(number < Int32(image, 0x184), $"{number} is not counted.");
                image.AsSpan(data + (number * BlockSize), BlockSize)
                    .CopyTo(disk.AsSpan(block * BlockSize));
            }
        }

        return disk;
    }

    private static int Int32(byte[] image, int at) =>
        BinaryPrimitives.ReadInt32LittleEndian(image.AsSpan(at));
}
