using System.IO.Pipelines;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Vmdk;
using VMSeed.Testing;
using VMSeed.Testing.Contracts.Disks;
using VMSeed.Testing.Peers;

namespace VMSeed.Disks.Tests.Formats.Vmdk;

/// <summary>streamOptimized images that are written to a pipe are read by QEMU, by 7-Zip, by
/// libvmdk and by ourselves.</summary>
public sealed class VmdkStreamTests
{
    private const int Grain = 64 << 10;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(512)]
    [InlineData(Grain)]
    [InlineData((34 << 20) + (37 * 512))]
    [InlineData((70 << 20) + 100)]
    public async Task What_went_through_a_pipe_is_read_by_all(int length)
    {
        using TempFolder folder = new();
        byte[] model = Model(length);
        await WriteAsync(folder["stream.vmdk"], model);
        byte[] rounded = new byte[(length + 511) / 512 * 512];
        model.CopyTo(rounded, 0);
        await using (VirtualDisk disk = await VirtualDisk.OpenFileAsync(
            folder["stream.vmdk"], cancellationToken: Token))
        {
            Assert.Equal("streamOptimized", disk.Info.Variant);
            Assert.Equal(rounded.Length, disk.Length);
            await ContentAssert.HoldsAsync(disk, rounded);
            CheckReport report = await disk.CheckAsync(cancellationToken: Token);
            Assert.True(report.IsClean, string.Join(' ', report.Errors));
        }

        if (length == 0)
        {
            return;
        }

        await QemuOracle.CheckAsync(folder["stream.vmdk"], "vmdk", rounded);
        await PeerProgram.OutputAsync(
            "7zz", "e", "-y", "-o" + folder["seven"], folder["stream.vmdk"]);
        string unpacked = Assert.Single(Directory.GetFiles(folder["seven"]));
        Assert.Equal(rounded, await File.ReadAllBytesAsync(unpacked, Token));
        string info = await PeerProgram.OutputAsync("vmdkinfo", folder["stream.vmdk"]);
        Assert.Contains($"({rounded.Length} bytes)", info, StringComparison.Ordinal);
        Assert.Contains("Stream optimized", info, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_target_that_breaks_breaks_the_writer_and_not_the_process()
    {
        await using MemoryStream full = new(new byte[100_000]);
        await using ForwardWriter writer = Create(full, 40 << 20);
        await Assert.ThrowsAsync<NotSupportedException>(async () =>
        {
            await writer.WriteAsync(0, Pattern.Random(40 << 20, 1), Token);
            await writer.CompleteAsync(Token);
        });
    }

    [Fact]
    public async Task Units_come_whole_and_in_order()
    {
        await using ForwardWriter writer = Create(Stream.Null, 1 << 20);
        byte[] unit = Pattern.Random(Grain, 1);
        await writer.WriteAsync(2 * Grain, unit, Token);
        await Refused<ArgumentOutOfRangeException>(() => writer.WriteAsync(Grain, unit, Token));
        await Refused<ArgumentException>(() => writer.WriteAsync((3 * Grain) + 512, unit, Token));
        await Refused<ArgumentException>(
            () => writer.WriteAsync(3 * Grain, unit.AsMemory(1), Token));
        await Refused<ArgumentOutOfRangeException>(
            () => writer.WriteAsync(15 * Grain, new byte[2 * Grain], Token));
        await writer.CompleteAsync(Token);
        await Refused<ObjectDisposedException>(() => writer.CompleteAsync(Token));
    }

    private static async Task Refused<T>(Func<ValueTask> work)
        where T : Exception => await Assert.ThrowsAsync<T>(async () => await work());

    private static ForwardWriter Create(Stream target, long length) =>
        new VmdkDriver().CreateWriter(
            target, new VirtualDiskCreateOptions { Format = DiskFormat.Vmdk, Length = length });

    // Through a pipe, so that nothing can seek.
    private static async Task WriteAsync(string path, byte[] model)
    {
        Pipe pipe = new();
        Task reader = Task.Run(
            async () =>
            {
                await using FileStream file = File.Create(path);
                await pipe.Reader.CopyToAsync(file, Token);
            },
            Token);
        await using (Stream target = pipe.Writer.AsStream())
        {
            await using ForwardWriter writer = Create(target, model.Length);
            for (int at = 0; at < model.Length; at += 5 * Grain)
            {
                int count = Math.Min(5 * Grain, model.Length - at);
                await writer.WriteAsync(at, model.AsMemory(at, count), Token);
            }

            await writer.CompleteAsync(Token);
        }

        await reader;
    }

    // Text, noise, and zeros that reach over whole tables.
    private static byte[] Model(int length)
    {
        byte[] model = Pattern.Disk(length, 5);
        int noise = Math.Min(length, 300_000);
        Pattern.Random(noise, 6).CopyTo(model, 0);
        if (length > 60 << 20)
        {
            model.AsSpan(31 << 20, 35 << 20).Clear();
        }

        return model;
    }
}
