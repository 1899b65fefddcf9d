using VMSeed.Testing;
using VMSeed.Testing.Contracts.Disks;
using VMSeed.Testing.Peers;

namespace VMSeed.Disks.Tests.Formats.Parallels;

/// <summary>QEMU and we write into one image by turns.</summary>
public sealed class ParallelsPeerTests
{
    private const int Length = 5_000_192;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null)]
    [InlineData("cluster_size=65536")]
    [InlineData("cluster_size=4M")]
    public async Task What_qemu_writes_reads_the_same(string? options)
    {
        using TempFolder folder = new();
        byte[] model = Pattern.Disk(Length, 3);
        string raw = folder.Write("model.raw", model);
        await QemuImg.ConvertAsync(raw, "raw", folder["theirs"], "parallels", options);
        await using VirtualDisk disk = await VirtualDisk.OpenFileAsync(
            folder["theirs"], null, Token);
        Assert.Equal(DiskFormat.Parallels, disk.Info.Format);
        Assert.Equal("v2", disk.Info.Variant);
        await ContentAssert.HoldsAsync(disk, model);
        Assert.True((await disk.CheckAsync(cancellationToken: Token)).IsClean);
    }

    [Theory]
    [InlineData("v1", 0)]
    [InlineData("v2", 0)]
    [InlineData("v2", 65536)]
    public async Task Either_writes_on_where_the_other_stopped(string variant, int clusterSize)
    {
        using TempFolder folder = new();
        byte[] model = new byte[Length];
        string path = folder["turns"];
        await (await VirtualDisk.CreateFileAsync(
            path,
            new VirtualDiskCreateOptions
            {
                Format = DiskFormat.Parallels,
                Length = Length,
                Variant = variant,
                BlockSize = clusterSize == 0 ? null : clusterSize,
            },
            Token)).DisposeAsync();
        Random random = new(4);
        for (int turn = 0; turn < 4; turn++)
        {
            await using (VirtualDisk disk = await VirtualDisk.OpenFileAsync(
                path, new VirtualDiskOptions { CanWrite = true }, Token))
            {
                Memory<byte> ours = Draw(model, random, out int offset);
                random.NextBytes(ours.Span);
                await disk.WriteAsync(offset, ours, Token);
                ours = Draw(model, random, out offset);
                ours.Span.Clear();
                await disk.ZeroAsync(offset, ours.Length, Token);
            }

            await QemuOracle.CheckAsync(path, "parallels", model);
            Memory<byte> theirs = Draw(model, random, out int at);
            theirs.Span.Fill((byte)(turn + 1));
            await QemuIo.RunAsync(
                path, "parallels", QemuIo.Write(at, theirs.Length, (byte)(turn + 1)));
            await using VirtualDisk again = await VirtualDisk.OpenFileAsync(path, null, Token);
            await ContentAssert.HoldsAsync(again, model);
        }
    }

    private static Memory<byte> Draw(byte[] model, Random random, out int offset)
    {
        offset = random.Next(Length / 512) * 512;
        int count = Math.Min(random.Next(1, 4000) * 512, Length - offset);
        return model.AsMemory(offset, count);
    }
}
