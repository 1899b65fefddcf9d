using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using VMSeed.Blocks.Primitives;
using VMSeed.Disks.Binary;
using VMSeed.Testing;
using VMSeed.Testing.Contracts.Disks;

namespace VMSeed.Disks.Tests.Formats.Vmdk;

/// <summary>Extents of every kind, alone and mixed; QEMU reads the kinds that it knows.</summary>
public sealed class VmdkExtentTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mixture_of_extents_is_one_disk()
    {
        using TempFolder folder = new();
        byte[] flat = Pattern.Random(100 * 512, 1);
        await File.WriteAllBytesAsync(folder["flat.bin"], flat, Token);
        await DescribeAsync(
            folder,
            "custom",
            "RW 10 FLAT \"flat.bin\" 20",
            "RW 33 ZERO",
            "rdonly 5 FLAT \"flat.bin\" 0 ",
            "NOACCESS 7 FLAT \"nowhere.bin\" 0");
        byte[] model = new byte[48 * 512];
        flat.AsSpan(20 * 512, 10 * 512).CopyTo(model);
        flat.AsSpan(0, 5 * 512).CopyTo(model.AsSpan(43 * 512));
        await using VirtualDisk disk = await OpenAsync(folder);
        Assert.Equal(55 * 512, disk.Length);
        byte[] read = new byte[model.Length];
        await disk.ReadAsync(0, read, Token);
        Assert.Equal(model, read);
        await Assert.ThrowsAsync<DiskFormatException>(
            async () => await disk.ReadAsync(48 * 512, new byte[1], Token));
    }

    [Fact]
    public async Task What_is_read_only_or_nowhere_is_not_written()
    {
        using TempFolder folder = new();
        await File.WriteAllBytesAsync(folder["one.bin"], new byte[5120], Token);
        await File.WriteAllBytesAsync(folder["two.bin"], new byte[5120], Token);
        await DescribeAsync(
            folder,
            "custom",
            "RW 10 FLAT \"one.bin\" 0",
            "RDONLY 10 FLAT \"two.bin\" 0",
            "RW 10 ZERO");
        await using VirtualDisk disk = await OpenAsync(folder, writable: true);
        await disk.WriteAsync(5000, new byte[] { 7 }, Token);
        await disk.ZeroAsync(10240, 5120, Token);
        foreach (long offset in new[] { 5120L, 10240L })
        {
            await Assert.ThrowsAsync<NotSupportedException>(
                async () => await disk.WriteAsync(offset, new byte[] { 7 }, Token));
        }
    }

    [Fact]
    public async Task A_snapshot_of_old_ESX_reads_as_to_qemu()
    {
        using TempFolder folder = new();
        byte[] file = new byte[512 * 64];
        byte[] grain = Pattern.Random(1024, 3);
        "COWD"u8.CopyTo(file);
        Put(file, 4, 1, 3, 5000, 1, 4, 2, 60);
        Put(file, 4 * 512, 8);
        Put(file, (8 * 512) + (100 * 4), 50, 51);
        grain.CopyTo(file, 50 * 512);
        await File.WriteAllBytesAsync(folder["delta.bin"], file, Token);
        await DescribeAsync(folder, "vmfsSparse", "RW 5000 VMFSSPARSE \"delta.bin\"");
        byte[] model = new byte[5000 * 512];
        grain.CopyTo(model, 100 * 512);
        await using (VirtualDisk disk = await OpenAsync(folder))
        {
            await ContentAssert.HoldsAsync(disk, model);
        }

        await QemuOracle.CheckAsync(folder["disk.vmdk"], "vmdk", model);
    }

    [Fact]
    public async Task A_space_efficient_snapshot_reads_as_to_qemu()
    {
        using TempFolder folder = new();
        byte[] model = new byte[20_000 * 512];
        byte[] grains = Pattern.Random(8192, 4);
        byte[] file = SeSparse(grains);
        grains.AsSpan(0, 4096).CopyTo(model.AsSpan(9 * 4096));
        grains.AsSpan(4096).CopyTo(model.AsSpan(5 * 4096));
        await File.WriteAllBytesAsync(folder["delta.bin"], file, Token);
        await DescribeAsync(folder, "seSparse", "RW 20000 SESPARSE \"delta.bin\"");
        await using (VirtualDisk disk = await OpenAsync(folder))
        {
            await ContentAssert.HoldsAsync(disk, model);
        }

        await QemuOracle.CheckAsync(folder["disk.vmdk"], "vmdk", model);
    }

    [Theory]
    [InlineData("RW 10 FLAT \"../outside.bin\" 0", DiskFault.NotGranted)]
    [InlineData("RW 10 FLAT \"missing.bin\" 0", DiskFault.MissingFile)]
    [InlineData("RW 999 FLAT \"disk.vmdk\" 0", DiskFault.Corrupt)]
    [InlineData("RW 10 SPARSE \"disk.vmdk\"", DiskFault.Corrupt)]
    [InlineData("RW 9223372036854775807 ZERO", DiskFault.Corrupt)]
    [InlineData("RW 10 VMFSRDM \"disk.vmdk\"", DiskFault.Unsupported)]
    [InlineData("ddb.x = \"no extents\"", DiskFault.Corrupt)]
    public async Task Hostile_descriptors_are_refused(string line, DiskFault fault)
    {
        using TempFolder folder = new();
        await DescribeAsync(folder, "custom", line);
        DiskFormatException refusal = await Assert.ThrowsAsync<DiskFormatException>(
            async () => await OpenAsync(folder));
        Assert.Equal(fault, refusal.Fault);
    }

    [Fact]
    public async Task A_part_of_a_split_disk_says_what_to_open()
    {
        using TempFolder folder = new();
        await using (VirtualDisk disk = await VirtualDisk.CreateFileAsync(
            folder["disk.vmdk"],
            new VirtualDiskCreateOptions
            {
                Format = DiskFormat.Vmdk,
                Length = 5L << 30,
                Variant = "twoGbMaxExtentSparse",
            },
            Token))
        {
            await disk.WriteAsync((4L << 30) + 5, new byte[] { 5 }, Token);
        }

        Assert.Equal(4, Directory.GetFiles(folder.Root).Length);
        DiskFormatException refusal = await Assert.ThrowsAsync<DiskFormatException>(
            async () => await VirtualDisk.OpenFileAsync(
                folder["disk-s002.vmdk"], cancellationToken: Token));
        Assert.Contains("open the descriptor", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_terabyte_is_mapped_in_few_questions()
    {
        using TempFolder folder = new();
        await using VirtualDisk disk = await VirtualDisk.CreateFileAsync(
            folder["disk.vmdk"],
            new VirtualDiskCreateOptions { Format = DiskFormat.Vmdk, Length = 1L << 40 },
            Token);
        await disk.WriteAsync(1L << 39, new byte[] { 1 }, Token);
        Stopwatch watch = Stopwatch.StartNew();
        List<Extent> extents = [];
        await foreach (Extent extent in disk.ExtentsAsync(0, disk.Length, Token))
        {
            extents.Add(extent);
        }

        TestContext.Current.SendDiagnosticMessage($"1 TiB: {watch.ElapsedMilliseconds} ms");
        Assert.Contains(extents, extent => extent.Kind == ExtentKind.Data);
        Assert.InRange(extents.Count, 3, 5);
    }

    private static byte[] SeSparse(byte[] grains)
    {
        byte[] file = new byte[512 * 400];
        long[] header = new long[26];
        (header[0], header[1], header[2]) = (0xCAFEBABE, 0x0000000200000001, 20_000);
        (header[3], header[4], header[10], header[11]) = (8, 64, 1, 1);
        (header[12], header[13], header[14], header[15]) = (2, 2, 4, 4);
        (header[16], header[17], header[18], header[19]) = (8, 1, 16, 64);
        (header[20], header[21], header[22], header[23]) = (100, 1, 101, 1);
        (header[24], header[25]) = (200, 16);
        Put(file, 0, header);
        Put(file, 512, 0xCAFECAFEL);
        Put(file, 8 * 512, 0x1000000000000000L);
        Put(file, (16 * 512) + (5 * 8), 0x3001000000000000L, 0x2000000000000000L);
        Put(file, (16 * 512) + (9 * 8), 0x3000000000000000L, 0x1000000000000000L);
        grains.CopyTo(file, 200 * 512);
        return file;
    }

    private static void Put(byte[] file, int at, params ReadOnlySpan<int> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at + (i * 4)), values[i]);
        }
    }

    private static void Put(byte[] file, int at, params ReadOnlySpan<long> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(at + (i * 8)), values[i]);
        }
    }

    private static Task DescribeAsync(TempFolder folder, string type, params string[] lines) =>
        File.WriteAllTextAsync(
            folder["disk.vmdk"],
            "# Disk DescriptorFile\nversion=1\nCID=12345678\nparentCID=ffffffff\n"
            + $"createType=\"{type}\"\n{string.Join('\n', lines)}\n",
            Encoding.ASCII,
            Token);

    private static ValueTask<VirtualDisk> OpenAsync(TempFolder folder, bool writable = false) =>
        VirtualDisk.OpenFileAsync(
            folder["disk.vmdk"], new VirtualDiskOptions { CanWrite = writable }, Token);
}
