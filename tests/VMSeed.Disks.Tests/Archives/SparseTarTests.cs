using System.Text;
using VMSeed.Blocks;
using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Primitives;
using VMSeed.Disks.Archives;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Tests.Converting;
using VMSeed.Testing;
using VMSeed.Testing.Peers;

namespace VMSeed.Disks.Tests.Archives;

/// <summary>GNU tar is the other side, both ways.</summary>
public sealed class SparseTarTests
{
    private const int Mebi = 1 << 20;

    private static readonly DateTimeOffset s_time = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("gnu", 0)]
    [InlineData("gnu", 3)]
    [InlineData("gnu", 40)]
    [InlineData("pax --sparse-version=1.0", 0)]
    [InlineData("pax --sparse-version=1.0", 40)]
    [InlineData("ustar", 3)]
    public async Task What_tar_writes_reads_the_same(string format, int islands)
    {
        using TempFolder folder = new();
        byte[] disk = Islands(islands);
        await WriteSparseAsync(folder["disk.raw"], disk);
        folder.Write("before.txt", new byte[700]);
        await PeerProgram.OutputAsync(
            "tar",
            [
                "-C", folder.Root, .. $"--format={format}".Split(' '),
                format == "ustar" ? "-cf" : "-cSf",
                folder["all.tar"], "before.txt", "disk.raw",
            ]);
        FileBlockDevice archive = FileBlockDevice.Open(folder["all.tar"]);
        Assert.True(await SparseTar.IsTarAsync(archive, Token));
        await using BlockDevice device = await SparseTar.OpenAsync(archive, "disk.raw", Token);
        Assert.Equal(disk, await BytesAsync(device));
        long data = 0;
        await foreach (Extent extent in device.ExtentsAsync(0, device.Length, Token))
        {
            data += extent.Kind == ExtentKind.Data ? extent.Length : 0;
        }

        Assert.True(format == "ustar" || data <= (islands + 1) * 16 * 4096, $"{data} bytes");
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(3, 0)]
    [InlineData(4, 1)]
    [InlineData(60, 700)]
    public async Task What_we_write_tar_unpacks_with_its_holes(int islands, int odd)
    {
        using TempFolder folder = new();
        byte[] disk = [.. Islands(islands), .. Pattern.Random(odd, 3)];
        await WriteSparseAsync(folder["disk.raw"], disk);
        await using (FileStream file = File.Create(folder["ours.tar"]))
        await using (FileBlockDevice source = FileBlockDevice.Open(folder["disk.raw"]))
        {
            await SparseTar.WriteAsync(
                source, "out/disk.raw", new ForwardOnly(file), s_time, cancellationToken: Token);
        }

        await PeerProgram.OutputAsync("tar", "-C", folder.Root, "-xSf", folder["ours.tar"]);
        Assert.Equal(disk, await File.ReadAllBytesAsync(folder["out/disk.raw"], Token));
        Assert.Equal(s_time.UtcDateTime, File.GetLastWriteTimeUtc(folder["out/disk.raw"]));
        Assert.True(new FileInfo(folder["ours.tar"]).Length < ((islands + 4) * 16 * 4096));
        await using BlockDevice back = await SparseTar.OpenAsync(
            FileBlockDevice.Open(folder["ours.tar"]), cancellationToken: Token);
        Assert.Equal(disk, await BytesAsync(back));
    }

    [Fact]
    public async Task A_tebibyte_with_three_islands_is_a_small_archive()
    {
        const long Length = (1L << 40) + 512;
        await using MemoryBlockDevice disk = new(Length);
        byte[] some = Pattern.Random(4096, 4);
        long[] places = [0, 9L << 30, Length - 4096];
        foreach (long place in places)
        {
            await disk.WriteAsync(place, some, Token);
        }

        using TempFolder folder = new();
        await using (FileStream file = File.Create(folder["big.tar"]))
        {
            await SparseTar.WriteAsync(disk, "big", file, s_time, cancellationToken: Token);
        }

        string list = await PeerProgram.OutputAsync("tar", "-tvSf", folder["big.tar"]);
        Assert.Contains($" {Length} ", list);
        await using BlockDevice back = await SparseTar.OpenAsync(
            FileBlockDevice.Open(folder["big.tar"]), cancellationToken: Token);
        Assert.Equal(Length, back.Length);
        byte[] read = new byte[4096];
        foreach (long place in places)
        {
            await back.ReadAsync(place, read, Token);
            Assert.Equal(some, read);
        }
    }

    [Fact]
    public async Task Damaged_archives_end_in_typed_errors_or_right_sizes()
    {
        using MemoryStream stream = new();
        await using (MemoryBlockDevice disk = new(Islands(30)))
        {
            await SparseTar.WriteAsync(disk, "disk", stream, s_time, cancellationToken: Token);
        }

        byte[] whole = stream.ToArray();
        Random random = new(20260101);
        for (int i = 0; i < 400; i++)
        {
            byte[] bytes = [.. whole[..(random.Next(4) == 0 ? random.Next(4096) : whole.Length)]];
            for (int flips = random.Next(1, 4); flips > 0 && bytes.Length > 0; flips--)
            {
                bytes[random.Next(Math.Min(bytes.Length, 2048))] = (byte)random.Next(256);
            }

            if (random.Next(2) == 0 && bytes.Length >= 512)
            {
                Mend(bytes);
            }

            await using MemoryBlockDevice archive = new(bytes);
            try
            {
                await using BlockDevice device = await SparseTar.OpenAsync(
                    archive, cancellationToken: Token);
                byte[] end = new byte[Math.Min(device.Length, 4096)];
                await device.ReadAsync(device.Length - end.Length, end, Token);
            }
            catch (DiskFormatException)
            {
                // What is asked for.
            }
        }
    }

    [Fact]
    public async Task What_is_no_archive_or_lacks_the_file_is_told_apart()
    {
        await using MemoryBlockDevice noise = new(Pattern.Random(Mebi, 5));
        Assert.False(await SparseTar.IsTarAsync(noise, Token));
        Assert.False(await SparseTar.IsTarAsync(new MemoryBlockDevice(100), Token));
        DiskFormatException failure = await Assert.ThrowsAsync<DiskFormatException>(
            async () => await SparseTar.OpenAsync(noise, cancellationToken: Token));
        Assert.Equal(DiskFault.Corrupt, failure.Fault);
        using MemoryStream stream = new();
        await SparseTar.WriteAsync(noise, "disk", stream, s_time, cancellationToken: Token);
        await using MemoryBlockDevice archive = new(stream.ToArray());
        failure = await Assert.ThrowsAsync<DiskFormatException>(
            async () => await SparseTar.OpenAsync(archive, "other", Token));
        Assert.Equal((DiskFault.MissingFile, "other"), (failure.Fault, failure.FileName));
        await Assert.ThrowsAsync<ArgumentException>(async () => await SparseTar.WriteAsync(
            noise, new string('n', 101), stream, s_time, cancellationToken: Token));
    }

    // Pages of noise, far apart; the disk ends in a hole.
    private static byte[] Islands(int count)
    {
        byte[] disk = new byte[((count * 32) + 40) * 4096];
        for (int i = 0; i < count; i++)
        {
            Pattern.Random(4096, i).CopyTo(disk, i * 32 * 4096);
        }

        return disk;
    }

    private static async Task WriteSparseAsync(string path, byte[] disk)
    {
        await using MemoryBlockDevice source = new(disk);
        await DiskConverter.ConvertFileAsync(
            source,
            path,
            new VirtualDiskCreateOptions { Format = DiskFormat.Raw, Length = disk.Length },
            cancellationToken: Token);
    }

    // A header whose sum is right, so that what follows it is read.
    private static void Mend(byte[] bytes)
    {
        int sum = TarHeader.ChecksumOf(bytes);
        string text = Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ";
        Encoding.ASCII.GetBytes(text).CopyTo(bytes, 148);
    }

    private static async Task<byte[]> BytesAsync(BlockDevice device)
    {
        byte[] bytes = new byte[device.Length];
        await device.ReadAsync(0, bytes, Token);
        return bytes;
    }
}
