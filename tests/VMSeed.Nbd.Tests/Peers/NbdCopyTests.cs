using VMSeed.Blocks;
using VMSeed.Blocks.Devices;
using VMSeed.Testing;
using VMSeed.Testing.Peers;

namespace VMSeed.Nbd.Tests.Peers;

public sealed class NbdCopyTests
{
    private const int MiB = 1024 * 1024;

    [Theory]
    [InlineData(1, false)]
    [InlineData(4, false)]
    [InlineData(4, true)]
    public async Task A_copy_out_is_the_disk(int connections, bool slow)
    {
        PatternDevice device = new((20 * MiB) + 4096, sparse: true) { IsMapSlow = slow };
        if (slow) { device.Gate = async (_, _) => await Task.Yield(); }

        await using Served served = Served.Start(device);
        string copy = served["copy.raw"];
        await PeerProgram.OutputAsync(
            "nbdcopy", $"--connections={connections}", "--threads=4", served.Uri, copy);
        Assert.Equal(device.Expect(0, (int)device.Length), await File.ReadAllBytesAsync(
            copy, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_copy_in_is_the_file_and_its_holes()
    {
        byte[] content = Pattern.Disk(24 * MiB, seed: 7);
        content.AsSpan(8 * MiB, 4 * MiB).Clear();
        await using MemoryBlockDevice device = new(content.Length);
        await FillAsync(device);
        await using Served served = Served.Start(device);
        string source = served.Write("source.raw", content);
        await PeerProgram.OutputAsync(
            "nbdcopy", "--connections=4", "--flush", "--destination-is-zero", source, served.Uri);
        await AssertIsAsync(content, device, zeroed: false);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Holes_overwrite_what_was_there(bool allocated)
    {
        byte[] content = Pattern.Disk(12 * MiB, seed: 9);
        content.AsSpan(4 * MiB, 4 * MiB).Clear();
        await using MemoryBlockDevice device = new(content.Length);
        await FillAsync(device);
        await using Served served = Served.Start(device);
        string source = served.Write("source.raw", content);
        await PeerProgram.OutputAsync(
            "nbdcopy",
            [.. allocated ? new[] { "--allocated" } : [], "--connections=2", source, served.Uri]);
        await AssertIsAsync(content, device, zeroed: true);
    }

    private static async Task FillAsync(BlockDevice device)
    {
        byte[] noise = Pattern.Random(MiB, seed: 3);
        for (long at = 0; at < device.Length; at += MiB) { await device.WriteAsync(at, noise); }
    }

    private static async Task AssertIsAsync(byte[] content, BlockDevice device, bool zeroed)
    {
        byte[] found = new byte[content.Length];
        await device.ReadAsync(0, found);
        if (!zeroed)
        {
            // What the source does not have was said to be zero, and so was not written.
            for (int at = 0; at < content.Length; at += 4096)
            {
                Span<byte> block = content.AsSpan(at, 4096);
                if (!block.ContainsAnyExcept((byte)0)) { found.AsSpan(at, 4096).Clear(); }
            }
        }

        Assert.True(content.AsSpan().SequenceEqual(found), "The device differs from the file.");
    }
}
