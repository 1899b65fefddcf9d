using VMSeed.Disks.Drivers;
using VMSeed.Testing;
using VMSeed.Testing.Contracts.Disks;
using VMSeed.Testing.Peers;

namespace VMSeed.Disks.Tests.Formats.Vmdk;

/// <summary>QEMU reads what we write, we read what QEMU writes, and each goes on in the other's
/// image.</summary>
public sealed class VmdkPeerTests
{
    private const int Length = (34 << 20) + (37 * 512);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("monolithicSparse", null)]
    [InlineData("monolithicSparse", 4096)]
    [InlineData("twoGbMaxExtentSparse", 32768)]
    [InlineData("monolithicFlat", null)]
    [InlineData("twoGbMaxExtentFlat", null)]
    public async Task Each_goes_on_in_what_the_other_has_written(string variant, int? grain)
    {
        using TempFolder folder = new();
        string path = folder["ours.vmdk"];
        byte[] model = new byte[Length];
        await using (VirtualDisk disk = await VirtualDisk.CreateFileAsync(
            path,
            new VirtualDiskCreateOptions
            {
                Format = DiskFormat.Vmdk,
                Length = Length,
                Variant = variant,
                BlockSize = grain,
            },
            Token))
        {
            Assert.Equal(variant, disk.Info.Variant);
            await ChangeAsync(disk, model, 1);
        }

        await QemuOracle.CheckAsync(path, "vmdk", model);
        await QemuIo.RunAsync(
            path, "vmdk", QemuIo.Write(30 << 20, 1 << 20, 0x77), QemuIo.Write(512, 1024, 0x78));
        model.AsSpan(30 << 20, 1 << 20).Fill(0x77);
        model.AsSpan(512, 1024).Fill(0x78);
        await using (VirtualDisk disk = await OpenAsync(path))
        {
            await ContentAssert.HoldsAsync(disk, model);
            await ChangeAsync(disk, model, 2);
            CheckReport report = await disk.CheckAsync(cancellationToken: Token);
            Assert.True(report.IsClean, string.Join(' ', [.. report.Errors, .. report.Leaks]));
        }

        await QemuOracle.CheckAsync(path, "vmdk", model);
    }

    [Theory]
    [InlineData("monolithicSparse")]
    [InlineData("monolithicSparse,zeroed_grain=on")]
    [InlineData("twoGbMaxExtentSparse")]
    [InlineData("monolithicFlat")]
    public async Task We_write_in_images_of_qemu(string variant)
    {
        using TempFolder folder = new();
        byte[] model = new byte[Length];
        string path = folder["theirs.vmdk"];
        await QemuImg.CreateAsync(path, "vmdk", Length, "subformat=" + variant);
        await QemuIo.RunAsync(path, "vmdk", QemuIo.Write(1 << 20, 3 << 20, 0x11));
        model.AsSpan(1 << 20, 3 << 20).Fill(0x11);
        await using (VirtualDisk disk = await OpenAsync(path))
        {
            await ChangeAsync(disk, model, 3);
        }

        await QemuOracle.CheckAsync(path, "vmdk", model);
    }

    [Fact]
    public async Task A_disk_that_grows_by_a_terabyte_is_right_to_qemu()
    {
        using TempFolder folder = new();
        string path = folder["long.vmdk"];
        byte[] model = new byte[Length];
        await using (VirtualDisk disk = await VirtualDisk.CreateFileAsync(
            path,
            new VirtualDiskCreateOptions { Format = DiskFormat.Vmdk, Length = Length },
            Token))
        {
            await ChangeAsync(disk, model, 4);
            await disk.SetLengthAsync(1L << 40, Token);
            await disk.WriteAsync((1L << 40) - 1000, new byte[] { 1, 2, 3 }, Token);
        }

        await QemuImg.AssertCleanAsync(path, "vmdk");
        await QemuIo.RunAsync(
            path,
            "vmdk",
            QemuIo.Read((1L << 40) - 998, 1, 3),
            QemuIo.Write(1L << 39, 4096, 9));
        await using VirtualDisk again = await OpenAsync(path);
        Assert.Equal(1L << 40, again.Length);
        byte[] read = new byte[Length];
        await again.ReadAsync(0, read, Token);
        Assert.True(read.AsSpan().SequenceEqual(model));
        await again.ReadAsync(1L << 39, read.AsMemory(0, 1), Token);
        Assert.Equal(9, read[0]);
        CheckReport report = await again.CheckAsync(cancellationToken: Token);
        Assert.True(report.IsClean, string.Join(' ', [.. report.Errors, .. report.Leaks]));
    }

    private static ValueTask<VirtualDisk> OpenAsync(string path) => VirtualDisk.OpenFileAsync(
        path, new VirtualDiskOptions { CanWrite = true }, Token);

    private static async Task ChangeAsync(VirtualDisk disk, byte[] model, int seed)
    {
        Random random = new(seed);
        for (int i = 0; i < 40; i++)
        {
            int offset = random.Next(Length);
            int length = random.Next(1, Math.Min(300_000, Length - offset) + 1);
            Memory<byte> part = model.AsMemory(offset, length);
            if (i % 4 == 3)
            {
                part.Span.Clear();
                await disk.ZeroAsync(offset, length, Token);
            }
            else
            {
                random.NextBytes(part.Span);
                await disk.WriteAsync(offset, part, Token);
            }

            if (i % 10 == 9)
            {
                await disk.FlushAsync(Token);
            }
        }

        await ContentAssert.HoldsAsync(disk, model);
    }
}
