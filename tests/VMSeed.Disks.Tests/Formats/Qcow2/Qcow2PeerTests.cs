using VMSeed.Disks.Binary;
using VMSeed.Testing;
using VMSeed.Testing.Contracts.Disks;
using VMSeed.Testing.Peers;

namespace VMSeed.Disks.Tests.Formats.Qcow2;

/// <summary>Images that QEMU and we write in turn.</summary>
public sealed class Qcow2PeerTests
{
    private const int Length = 5_000_192;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Qcow2ReadTests.Shapes), MemberType = typeof(Qcow2ReadTests))]
    public async Task Their_image_is_written_on_by_us_and_then_by_them(
        string options, bool compress)
    {
        using TempFolder folder = new();
        byte[] model = Pattern.Disk(Length, 3);
        folder.Write("model", model);
        string path = folder["image"];
        await QemuImg.ConvertAsync(folder["model"], "raw", path, "qcow2", options, compress);
        await ScribbleAsync(path, model, 1);
        await QemuOracle.CheckAsync(path, "qcow2", model);
        await QemuIo.RunAsync(
            path, "qcow2", [QemuIo.Write(70_000, 100_000, 9), QemuIo.Zero(1_000_000, 500_000)]);
        model.AsSpan(70_000, 100_000).Fill(9);
        model.AsSpan(1_000_000, 500_000).Clear();
        await ScribbleAsync(path, model, 2);
        await QemuOracle.CheckAsync(path, "qcow2", model);
    }

    [Fact]
    public async Task Snapshots_stay_as_they_were_whatever_is_written()
    {
        using TempFolder folder = new();
        string path = folder["image"];
        byte[] before = Pattern.Disk(Length, 4);
        folder.Write("before", before);
        await QemuImg.ConvertAsync(folder["before"], "raw", path, "qcow2");
        await PeerProgram.OutputAsync("qemu-img", "snapshot", "-c", "one", path);
        byte[] after = [.. before];
        await ScribbleAsync(path, after, 3);
        await QemuOracle.CheckAsync(path, "qcow2", after);
        await PeerProgram.OutputAsync("qemu-img", "snapshot", "-a", "one", path);
        await QemuOracle.CheckAsync(path, "qcow2", before);
    }

    [Theory]
    [InlineData("off")]
    [InlineData("on")]
    public async Task Data_goes_to_the_file_that_holds_it(string raw)
    {
        using TempFolder folder = new();
        string path = folder["image"];
        await QemuImg.CreateAsync(
            path, "qcow2", Length, $"data_file={folder["data"]},data_file_raw={raw}");
        byte[] model = new byte[Length];
        await ScribbleAsync(path, model, 4);
        await QemuOracle.CheckAsync(path, "qcow2", model);
        byte[] data = await File.ReadAllBytesAsync(folder["data"], Token);
        ContentAssert.Same(model, data.AsMemory(0, Length));
    }

    [Fact]
    public async Task A_data_file_of_our_own_is_a_raw_image()
    {
        using TempFolder folder = new();
        byte[] model = new byte[Length];
        await using (VirtualDisk disk = await VirtualDisk.CreateFileAsync(
            folder["image"],
            new VirtualDiskCreateOptions
            {
                Format = DiskFormat.Qcow2,
                Length = Length,
                Variant = "data_file",
            },
            Token))
        {
            await ScribbleAsync(disk, model, 5);
        }

        ContentAssert.Same(model, await File.ReadAllBytesAsync(folder["image.data"], Token));

        // QEMU looks for it in the directory that it runs in.
        await PeerProgram.OutputAsync(
            "qemu-img",
            "check",
            "--image-opts",
            $"driver=qcow2,file.driver=file,file.filename={folder["image"]},"
                + $"data-file.driver=file,data-file.filename={folder["image.data"]}");
        await ScribbleAsync(folder["image"], model, 6);
        ContentAssert.Same(model, await File.ReadAllBytesAsync(folder["image.data"], Token));
    }

    [Theory]
    [InlineData("v2")]
    [InlineData("v3")]
    [InlineData("extended_l2")]
    public async Task A_child_of_ours_reads_to_qemu_as_to_us(string variant)
    {
        using TempFolder folder = new();
        byte[] model = Pattern.Disk(Length, 7);
        string parent = folder.Write("parent", model);
        await using (VirtualDisk raw = await VirtualDisk.OpenFileAsync(
            parent, new VirtualDiskOptions { Format = DiskFormat.Raw }, Token))
        {
            await using VirtualDisk disk = await VirtualDisk.CreateFileAsync(
                folder["image"],
                new VirtualDiskCreateOptions
                {
                    Format = DiskFormat.Qcow2,
                    Length = Length + 131_072,
                    Variant = variant,
                    Parent = raw,
                    ParentName = "parent",
                },
                Token);
            Array.Resize(ref model, Length + 131_072);
            await ScribbleAsync(disk, model, 8);
        }

        await QemuOracle.CheckAsync(folder["image"], "qcow2", model);
        await ScribbleAsync(folder["image"], model, 9);
        await QemuOracle.CheckAsync(folder["image"], "qcow2", model);
    }

    [Fact]
    public async Task A_disk_that_shrinks_and_grows_again_has_zeros_where_it_was_cut()
    {
        using TempFolder folder = new();
        string path = folder["image"];
        byte[] model = Pattern.Random(Length, 8);
        folder.Write("model", model);
        await QemuImg.ConvertAsync(
            folder["model"], "raw", path, "qcow2", "compat=1.1", compress: true);
        long before = new FileInfo(path).Length;
        await using (VirtualDisk disk = await OpenAsync(path))
        {
            await disk.SetLengthAsync(1_000_448, Token);
            await disk.SetLengthAsync(Length, Token);
            model.AsSpan(1_000_448).Clear();
            await ContentAssert.HoldsAsync(disk, model);
            await disk.WriteAsync(2_000_000, Pattern.Random(2_000_000, 9), Token);
            Pattern.Random(2_000_000, 9).CopyTo(model, 2_000_000);
        }

        await QemuOracle.CheckAsync(path, "qcow2", model);
        Assert.True(
            new FileInfo(path).Length <= before + (1 << 20), "Freed clusters are not used again.");
    }

    [Fact]
    public async Task A_disk_grows_from_a_mebibyte_to_a_tebibyte_and_its_tables_with_it()
    {
        using TempFolder folder = new();
        string path = folder["image"];
        await using (VirtualDisk disk = await VirtualDisk.CreateFileAsync(
            path,
            new VirtualDiskCreateOptions
            {
                Format = DiskFormat.Qcow2,
                Length = 1 << 20,
                BlockSize = 4096,
            },
            Token))
        {
            await disk.WriteAsync(500_000, Pattern.Random(100_000, 1), Token);
            await disk.SetLengthAsync(1L << 40, Token);
            await disk.WriteAsync((1L << 40) - 100_000, Pattern.Random(100_000, 2), Token);
            byte[] read = new byte[100_000];
            await disk.ReadAsync(500_000, read, Token);
            Assert.Equal(Pattern.Random(100_000, 1), read);
        }

        await QemuImg.AssertCleanAsync(path, "qcow2");
        await QemuIo.RunAsync(path, "qcow2", QemuIo.Read(1 << 20, 1 << 20, 0));
    }

    [Fact]
    public async Task The_table_of_refcounts_grows_with_the_file()
    {
        using TempFolder folder = new();
        string path = folder["image"];
        byte[] model = Pattern.Random(24 << 20, 5);

        // 64 blocks of 256 refcounts in the first table: 8 MiB.
        await using (VirtualDisk disk = await VirtualDisk.CreateFileAsync(
            path,
            new VirtualDiskCreateOptions
            {
                Format = DiskFormat.Qcow2,
                Length = model.Length,
                BlockSize = 512,
            },
            Token))
        {
            for (int at = 0; at < model.Length; at += 1 << 20)
            {
                await disk.WriteAsync(at, model.AsMemory(at, 1 << 20), Token);
                await disk.FlushAsync(Token);
            }
        }

        await QemuOracle.CheckAsync(path, "qcow2", model);
    }

    [Fact]
    public async Task An_image_with_bitmaps_is_read_and_not_written()
    {
        using TempFolder folder = new();
        string path = folder["image"];
        await QemuImg.CreateAsync(path, "qcow2", Length);
        await PeerProgram.OutputAsync("qemu-img", "bitmap", "--add", path, "changes");
        await using VirtualDisk disk = await OpenAsync(path);
        await ContentAssert.HoldsAsync(disk, new byte[Length]);
        DiskFormatException refusal = await Assert.ThrowsAsync<DiskFormatException>(
            async () => await disk.WriteAsync(0, new byte[1], Token));
        Assert.Equal(DiskFault.Unsupported, refusal.Fault);
    }

    [Fact]
    public async Task Autoclear_bits_that_are_not_known_go_with_the_first_write()
    {
        using TempFolder folder = new();
        string path = folder["image"];
        await QemuImg.CreateAsync(path, "qcow2", Length);
        byte[] image = await File.ReadAllBytesAsync(path, Token);
        image[88] = 0x40;
        folder.Write("image", image);
        await using (VirtualDisk disk = await OpenAsync(path))
        {
            await ContentAssert.HoldsAsync(disk, new byte[Length]);
        }

        Assert.Equal(0x40, (await File.ReadAllBytesAsync(path, Token))[88]);
        await using (VirtualDisk disk = await OpenAsync(path))
        {
            await disk.WriteAsync(0, new byte[1], Token);
        }

        Assert.Equal(0, (await File.ReadAllBytesAsync(path, Token))[88]);
    }

    [Theory]
    [InlineData("v1", null)]
    [InlineData("v2,zstd", null)]
    [InlineData("extended_l2", 8192)]
    [InlineData("v3", 1000)]
    [InlineData("v3", 4 << 20)]
    public async Task What_cannot_be_made_is_refused(string variant, int? blockSize)
    {
        using TempFolder folder = new();
        DiskFormatException refusal = await Assert.ThrowsAsync<DiskFormatException>(
            async () => await VirtualDisk.CreateFileAsync(
                folder["image"],
                new VirtualDiskCreateOptions
                {
                    Format = DiskFormat.Qcow2,
                    Length = Length,
                    Variant = variant,
                    BlockSize = blockSize,
                },
                Token));
        Assert.Equal(DiskFault.Unsupported, refusal.Fault);
        Assert.False(File.Exists(folder["image"]));
    }

    private static ValueTask<VirtualDisk> OpenAsync(string path) => VirtualDisk.OpenFileAsync(
        path, new VirtualDiskOptions { CanWrite = true }, Token);

    private static async Task ScribbleAsync(string path, byte[] model, int seed)
    {
        await using VirtualDisk disk = await OpenAsync(path);
        await ScribbleAsync(disk, model, seed);
    }

    // Small and large writes, zeros and trims, with flushes between.
    private static async Task ScribbleAsync(VirtualDisk disk, byte[] model, int seed)
    {
        Random random = new(seed);
        for (int i = 0; i < 40; i++)
        {
            int offset = random.Next(model.Length);
            int most = random.Next(4) == 0 ? 400_000 : 9000;
            int length = random.Next(1, Math.Min(most, model.Length - offset) + 1);
            Memory<byte> range = model.AsMemory(offset, length);
            if (random.Next(4) == 0)
            {
                range.Span.Clear();
                await disk.ZeroAsync(offset, length, Token);
            }
            else
            {
                random.NextBytes(range.Span);
                await disk.WriteAsync(offset, range, Token);
            }

            if (random.Next(10) == 0)
            {
                await disk.FlushAsync(Token);
            }
        }

        await ContentAssert.HoldsAsync(disk, model);
    }
}
