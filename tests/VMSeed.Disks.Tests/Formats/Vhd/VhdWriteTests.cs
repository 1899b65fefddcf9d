using System.Buffers.Binary;
using System.Text;
using VMSeed.Blocks.Devices;
using VMSeed.Disks.Binary;
using VMSeed.Testing;
using VMSeed.Testing.Contracts.Disks;
using VMSeed.Testing.Peers;

namespace VMSeed.Disks.Tests.Formats.Vhd;

/// <summary>Shapes and sizes of new images, and images that go back and forth.</summary>
public sealed class VhdWriteTests
{
    private const int Length = 5_000_192;

    private static readonly VirtualDiskOptions s_writable = new() { CanWrite = true };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_image_goes_back_and_forth_between_us_and_qemu()
    {
        using TempFolder folder = new();
        byte[] model = Pattern.Disk(Length, 3);
        string raw = folder.Write("model.raw", model);
        await QemuImg.ConvertAsync(raw, "raw", folder["disk"], "vpc", "force_size=on");
        for (int round = 0; round < 3; round++)
        {
            await using (VirtualDisk disk = await VirtualDisk.OpenFileAsync(
                folder["disk"], s_writable, Token))
            {
                Memory<byte> range = model.AsMemory(1_234_567 * round, 600_000);
                new Random(round).NextBytes(range.Span);
                await disk.WriteAsync(1_234_567 * round, range, Token);
                await ContentAssert.HoldsAsync(disk, model);
            }

            await QemuOracle.CheckAsync(folder["disk"], "vpc", model);
            int at = 512 * 1000 * (round + 1);
            model.AsSpan(at, 512 * 300).Fill((byte)(7 + round));
            await QemuIo.RunAsync(
                folder["disk"], "vpc", QemuIo.Write(at, 512 * 300, (byte)(7 + round)));
        }

        await using VirtualDisk last = await VirtualDisk.OpenFileAsync(
            folder["disk"], cancellationToken: Token);
        await ContentAssert.HoldsAsync(last, model);
    }

    // 1,536 bytes after 17 * 4 * 8 sectors: no geometry says that.
    [Theory]
    [InlineData(null, 278_528, 278_528, "vmsd")]
    [InlineData(null, 280_064, 136_899_993_600, "vmsd")]
    [InlineData("win ", 280_064, 278_528, "win ")]
    public async Task The_geometry_is_exact_or_makes_readers_use_the_bytes(
        string? creator, long length, long geometry, string signature)
    {
        using TempFolder folder = new();
        await MakeAsync(
            folder["disk"],
            new() { Format = DiskFormat.Vhd, Length = length, CreatorApplication = creator });

        byte[] footer = (await File.ReadAllBytesAsync(folder["disk"], Token))[^512..];
        Assert.Equal(signature, Encoding.ASCII.GetString(footer, 28, 4));
        Assert.Equal(
            geometry,
            512L * footer[58] * footer[59] * BinaryPrimitives.ReadUInt16BigEndian(
                footer.AsSpan(56)));
        await QemuOracle.CheckAsync(folder["disk"], "vpc", new byte[length]);
    }

    [Theory]
    [InlineData(1, 20L << 20)]
    [InlineData((20L << 20) + 1, 21L << 20)]
    public async Task An_image_for_Azure_is_fixed_and_has_whole_mebibytes(long asked, long length)
    {
        using TempFolder folder = new();
        await MakeAsync(
            folder["disk"],
            new() { Format = DiskFormat.Vhd, Length = asked, Variant = "azure" });

        Assert.Equal(length + 512, new FileInfo(folder["disk"]).Length);
        await QemuOracle.CheckAsync(folder["disk"], "vpc", new byte[length]);
    }

    [Fact]
    public async Task Data_of_every_block_is_aligned_to_4_KiB()
    {
        using TempFolder folder = new();
        await using (VirtualDisk disk = await MakeOpenAsync(folder["disk"], 64 << 20, 256 << 10))
        {
            for (int i = 0; i < 40; i++)
            {
                await disk.WriteAsync(i * 1_300_000, new byte[] { 1 }, Token);
            }
        }

        byte[] image = await File.ReadAllBytesAsync(folder["disk"], Token);
        int used = 0;
        for (int at = 0x600; at < 0x600 + 1024; at += 4)
        {
            uint sector = BinaryPrimitives.ReadUInt32BigEndian(image.AsSpan(at));
            used += sector == uint.MaxValue ? 0 : 1;
            Assert.True(sector == uint.MaxValue || ((sector + 1) * 512L) % 4096 == 0);
        }

        Assert.Equal(40, used);
    }

    [Fact]
    public async Task A_disk_that_outgrows_its_table_gets_another()
    {
        using TempFolder folder = new();
        byte[] model = Pattern.Disk(1 << 20, 8);
        await using (VirtualDisk disk = await MakeOpenAsync(folder["disk"], model.Length, 64 << 10))
        {
            await disk.WriteAsync(0, model, Token);
            for (int i = 1; i <= 3; i++)
            {
                Array.Resize(ref model, model.Length + (9 << 20));
                await disk.SetLengthAsync(model.Length, Token);
                Pattern.Random(100_000, i).CopyTo(model, model.Length - 100_000);
                await disk.WriteAsync(
                    model.Length - 100_000, model.AsMemory(model.Length - 100_000), Token);
            }

            await ContentAssert.HoldsAsync(disk, model);
        }

        await QemuOracle.CheckAsync(folder["disk"], "vpc", model);
        await using VirtualDisk again = await VirtualDisk.OpenFileAsync(
            folder["disk"], s_writable, Token);
        await ContentAssert.HoldsAsync(again, model);
        Assert.True((await again.CheckAsync(cancellationToken: Token)).IsClean);
    }

    [Fact]
    public async Task Bytes_that_others_left_behind_the_end_are_zeros_when_the_disk_grows()
    {
        using TempFolder folder = new();
        await using (VirtualDisk disk = await MakeOpenAsync(folder["disk"], 1 << 20, 64 << 10))
        {
            await disk.WriteAsync((1 << 20) - 512, new byte[] { 1 }, Token);
        }

        // The same image, said to end within its last block, as if it had always.
        byte[] image = await File.ReadAllBytesAsync(folder["disk"], Token);
        VhdSurgery.Resize(image, (1 << 20) - 1024);
        await using MemoryBlockDevice file = new(0);
        await file.SetLengthAsync(image.Length, Token);
        await file.WriteAsync(0, image, Token);
        await using VirtualDisk shorter = await VirtualDisk.OpenAsync(file, s_writable, Token);
        Assert.Equal((1 << 20) - 1024, shorter.Length);

        await shorter.SetLengthAsync(2 << 20, Token);

        await ContentAssert.HoldsAsync(shorter, new byte[2 << 20]);
    }

    [Theory]
    [InlineData("thin", null, 1L << 20, 512, null)]
    [InlineData("differencing", null, 1L << 20, 512, null)]
    [InlineData(null, 3 << 20, 1L << 20, 512, null)]
    [InlineData(null, null, (2040L << 30) + 1, 512, null)]
    [InlineData(null, null, 1L << 20, 4096, null)]
    [InlineData(null, null, 1L << 20, 512, "vmseed")]
    public async Task What_the_format_cannot_be_is_refused(
        string? variant, int? blockSize, long length, int sector, string? creator)
    {
        using TempFolder folder = new();
        VirtualDiskCreateOptions options = new()
        {
            Format = DiskFormat.Vhd,
            Length = length,
            Variant = variant,
            BlockSize = blockSize,
            SectorSize = sector,
            CreatorApplication = creator,
        };

        DiskFormatException e = await Assert.ThrowsAsync<DiskFormatException>(
            () => MakeAsync(folder["disk"], options));

        Assert.Equal(DiskFault.Unsupported, e.Fault);
        Assert.False(File.Exists(folder["disk"]));
    }

    private static async Task MakeAsync(string path, VirtualDiskCreateOptions options) =>
        await (await VirtualDisk.CreateFileAsync(path, options, Token)).DisposeAsync();

    private static ValueTask<VirtualDisk> MakeOpenAsync(string path, long length, int blockSize) =>
        VirtualDisk.CreateFileAsync(
            path,
            new() { Format = DiskFormat.Vhd, Length = length, BlockSize = blockSize },
            Token);
}
