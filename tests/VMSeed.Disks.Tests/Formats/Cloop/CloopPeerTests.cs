using System.Buffers.Binary;
using ICSharpCode.SharpZipLib.Zip.Compression;
using VMSeed.Testing;
using VMSeed.Testing.Contracts.Disks;
using VMSeed.Testing.Peers;

namespace VMSeed.Disks.Tests.Formats.Cloop;

/// <summary>Images that the real create_compressed_fs has made, beside QEMU and beside another
/// inflater.</summary>
public sealed class CloopPeerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(65536, 3_000_001)]
    [InlineData(65536, 262_144)]
    [InlineData(4096, 500_000)]
    [InlineData(262_144, 1_000_448)]
    public async Task A_real_image_reads_as_it_was_and_as_qemu_reads_it(int blockSize, int length)
    {
        using TempFolder folder = new();
        byte[] content = Pattern.Disk(length, blockSize + length);
        string path = await PackAsync(folder, content, blockSize);
        byte[] padded = Padded(content, blockSize);
        await using (VirtualDisk disk = await VirtualDisk.OpenFileAsync(path, null, Token))
        {
            Assert.Equal(DiskFormat.Cloop, disk.Info.Format);
            Assert.Equal("V2.0", disk.Info.Variant);
            Assert.Equal(blockSize, disk.Info.BlockSize);
            await ContentAssert.HoldsAsync(disk, padded);
            Assert.True((await disk.CheckAsync(cancellationToken: Token)).IsClean);
        }

        await QemuOracle.CheckAsync(path, "cloop", padded);
    }

    [Fact]
    public async Task Another_inflater_finds_the_same_in_every_block()
    {
        const int BlockSize = 65536;
        using TempFolder folder = new();
        string path = await PackAsync(folder, Pattern.Disk(2_000_000, 4), BlockSize);
        byte[] file = await File.ReadAllBytesAsync(path, Token);
        await using VirtualDisk disk = await VirtualDisk.OpenFileAsync(path, null, Token);
        Inflater inflater = new();
        for (int i = 0; i < disk.Length / BlockSize; i++)
        {
            int from = (int)BinaryPrimitives.ReadUInt64BigEndian(file.AsSpan(136 + (8 * i)));
            int to = (int)BinaryPrimitives.ReadUInt64BigEndian(file.AsSpan(144 + (8 * i)));
            byte[] theirs = new byte[BlockSize];
            inflater.Reset();
            inflater.SetInput(file, from, to - from);
            Assert.Equal(BlockSize, inflater.Inflate(theirs));
            byte[] ours = new byte[BlockSize];
            await disk.ReadAsync((long)i * BlockSize, ours, Token);
            ContentAssert.Same(theirs, ours, (long)i * BlockSize);
        }
    }

    private static async Task<string> PackAsync(TempFolder folder, byte[] content, int blockSize)
    {
        string raw = folder.Write("disk.raw", content);
        await PeerProgram.OutputAsync(
            "create_compressed_fs", "-q", "-B", $"{blockSize}", raw, folder["disk.cloop"]);
        return folder["disk.cloop"];
    }

    private static byte[] Padded(byte[] content, int blockSize)
    {
        byte[] padded = new byte[(content.Length + blockSize - 1) / blockSize * blockSize];
        content.CopyTo(padded, 0);
        return padded;
    }
}
