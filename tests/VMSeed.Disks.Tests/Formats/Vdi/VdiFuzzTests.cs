using System.Buffers.Binary;
using VMSeed.Blocks.Devices;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Testing;
using VMSeed.Testing.Fuzz;

namespace VMSeed.Disks.Tests.Formats.Vdi;

/// <summary>Damaged images are read or refused, and their faults are found.</summary>
public sealed class VdiFuzzTests
{
    private const int Map = 1 << 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Damage_ends_in_bytes_or_a_typed_error(bool canWrite)
    {
        byte[] image = await MakeAsync();
        FuzzOutcome outcome = await HostileImages.TryAsync(
            image,
            async file => await VirtualDisk.OpenAsync(
                file,
                new VirtualDiskOptions { Format = DiskFormat.Vdi, CanWrite = canWrite },
                Token),
            e => e is DiskFormatException,
            seed: 1,
            count: 300,
            bounds: null,
            0x40..0x1D8,
            Map..(Map + 64));
        Assert.True(outcome.Opened > 20 && outcome.Refused > 20, $"{outcome}");
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(5u)]
    [InlineData(0xFFFFFFFDu)]
    public async Task An_entry_that_is_taken_or_outside_is_an_error_and_keeps_writers_away(
        uint entry)
    {
        byte[] image = await MakeAsync();
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(Map + 4), entry);
        await using MemoryBlockDevice file = new(image);
        await using VirtualDisk disk = await VirtualDisk.OpenAsync(
            file, new VirtualDiskOptions { LeaveOpen = true }, Token);
        CheckReport report = await disk.CheckAsync(cancellationToken: Token);
        Assert.NotEqual(0, report.ErrorCount);
        DiskFormatException e = await Assert.ThrowsAsync<DiskFormatException>(
            async () => await VirtualDisk.OpenAsync(
                file, new VirtualDiskOptions { CanWrite = true }, Token));
        Assert.Equal(DiskFault.Corrupt, e.Fault);
    }

    [Fact]
    public async Task A_wrong_count_is_found_and_mended()
    {
        byte[] image = await MakeAsync();
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(0x184), 1);
        await using MemoryBlockDevice file = new(image);
        await using VirtualDisk disk = await VirtualDisk.OpenAsync(
            file, new VirtualDiskOptions { CanWrite = true, LeaveOpen = true }, Token);
        CheckReport report = await disk.CheckAsync(repair: true, cancellationToken: Token);
        Assert.Equal((1L, 1L), (report.ErrorCount, report.RepairedCount));
        Assert.Equal(0, (await disk.CheckAsync(cancellationToken: Token)).ErrorCount);
    }

    [Fact]
    public async Task The_oldest_version_is_recognized_and_refused_by_name()
    {
        byte[] image = await MakeAsync();
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(0x44), 2);
        await using MemoryBlockDevice file = new(image);
        DiskFormatException e = await Assert.ThrowsAsync<DiskFormatException>(
            async () => await VirtualDisk.OpenAsync(file, cancellationToken: Token));
        Assert.Equal(DiskFault.Unsupported, e.Fault);
        Assert.Contains("0.2", e.Message, StringComparison.Ordinal);
    }

    // Four blocks of 128 KiB, of which three have storage.
    private static async Task<byte[]> MakeAsync()
    {
        using TempFolder folder = new();
        await using (VirtualDisk disk = await VirtualDisk.CreateFileAsync(
            folder["disk"],
            new() { Format = DiskFormat.Vdi, Length = 500_224, BlockSize = 128 << 10 },
            Token))
        {
            await disk.WriteAsync(0, Pattern.Random(300_000, 2), Token);
        }

        return await File.ReadAllBytesAsync(folder["disk"], Token);
    }
}
