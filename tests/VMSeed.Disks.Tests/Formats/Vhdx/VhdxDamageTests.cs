using System.Buffers.Binary;
using VMSeed.Blocks;
using VMSeed.Blocks.Devices;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Vhdx.Structures;
using VMSeed.Testing;
using VMSeed.Testing.Devices;
using VMSeed.Testing.Fuzz;

namespace VMSeed.Disks.Tests.Formats.Vhdx;

/// <summary>Damaged images end in typed errors, and a check finds what is wrong.</summary>
public sealed class VhdxDamageTests
{
    private const int Length = 4 << 20;
    private const int Bat = 3 << 20;
    private const int Log = 1 << 20;

    private static readonly (int Offset, int Length)[] s_checksums =
    [
        (64 << 10, 4096), (128 << 10, 4096), (192 << 10, 64 << 10), (256 << 10, 64 << 10),
        (Log, 4096), (Log + 4096, 2 * 4096), (Log + (3 * 4096), 2 * 4096),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Damage_of_any_kind_ends_in_bytes_or_in_a_typed_error(bool isUnclean)
    {
        byte[] image = await MakeAsync(isUnclean);
        FuzzOutcome outcome = await HostileImages.TryAsync(
            image,
            async file =>
            {
                await SealAsync(file);
                return await VirtualDisk.OpenAsync(
                    file, new VirtualDiskOptions { Format = DiskFormat.Vhdx }, Token);
            },
            error => error is DiskFormatException,
            seed: 1,
            count: 250,
            bounds: null,
            (64 << 10)..((64 << 10) + 80),
            (128 << 10)..((128 << 10) + 80),
            (192 << 10)..((192 << 10) + 80),
            (2 << 20)..((2 << 20) + 224),
            ((2 << 20) + (64 << 10))..((2 << 20) + (64 << 10) + 64),
            Bat..(Bat + 64),
            Log..(Log + 128),
            (Log + 4096)..(Log + 4096 + 128));
        Assert.True(outcome.Opened > 25, $"{outcome}");
        Assert.True(outcome.Refused > 25, $"{outcome}");
    }

    [Fact]
    public async Task A_check_finds_what_lies_where_it_cannot()
    {
        byte[] image = await MakeAsync(isUnclean: false);
        Span<byte> entries = image.AsSpan(Bat, 32);
        ulong first = BinaryPrimitives.ReadUInt64LittleEndian(entries);
        BinaryPrimitives.WriteUInt64LittleEndian(entries[8..], first);
        BinaryPrimitives.WriteUInt64LittleEndian(entries[16..], (900UL << 20) | 6);
        BinaryPrimitives.WriteUInt64LittleEndian(entries[24..], 5);
        await using var file = new MemoryBlockDevice(image);
        CheckReport report;
        await using (VirtualDisk disk = await OpenAsync(file, canWrite: false))
        {
            report = await disk.CheckAsync(cancellationToken: Token);
        }

        Assert.Equal(3, report.ErrorCount);
        Assert.False(report.IsClean);
        DiskFormatException refusal = await Assert.ThrowsAsync<DiskFormatException>(
            async () => await OpenAsync(new MemoryBlockDevice(image), canWrite: true));
        Assert.Equal(DiskFault.Corrupt, refusal.Fault);
    }

    [Fact]
    public async Task A_repair_mends_what_costs_nothing()
    {
        byte[] image = await MakeAsync(isUnclean: false);
        byte[] longer = [.. image, .. new byte[3 << 20]];
        Span<byte> entries = longer.AsSpan(Bat, 32);
        ulong first = BinaryPrimitives.ReadUInt64LittleEndian(entries);
        BinaryPrimitives.WriteUInt64LittleEndian(entries, first | 7 | 8);
        BinaryPrimitives.WriteUInt64LittleEndian(entries[24..], (7UL << 20) | 2);
        longer.AsSpan(256 << 10, 4096).Clear();
        PowerCutDevice file = new(longer);
        await using (VirtualDisk disk = await OpenAsync(file, canWrite: true))
        {
            CheckReport report = await disk.CheckAsync(repair: true, null, Token);
            Assert.True(report.IsClean, string.Join(' ', report.Errors));
            Assert.Equal((3L, 1L), (report.ErrorCount, report.LeakCount));
        }

        await using VirtualDisk again = await OpenAsync(file, canWrite: false);
        CheckReport after = await again.CheckAsync(cancellationToken: Token);
        Assert.Equal((0L, 0L), (after.ErrorCount, after.LeakCount));
        Assert.Equal(3L << 20, after.AllocatedBytes);
        Assert.Equal(image.Length, file.Length);
    }

    private static async Task<byte[]> MakeAsync(bool isUnclean)
    {
        PowerCutDevice file = new(0);
        int flushed;
        await using (VirtualDisk disk = await VirtualDisk.CreateAsync(
            file,
            new VirtualDiskCreateOptions
            {
                Format = DiskFormat.Vhdx,
                Length = Length,
                BlockSize = 1 << 20,
            },
            Token))
        {
            for (int i = 0; i < 3; i++)
            {
                await disk.WriteAsync(i << 20, Pattern.Random(1000, i), Token);
                await disk.FlushAsync(Token);
            }

            flushed = file.Changes;
        }

        await using PowerCutDevice cut = isUnclean
            ? await file.CutAsync(new Random(1), flushed, 1)
            : file;
        byte[] image = new byte[cut.Length];
        await cut.ReadAsync(0, image, Token);
        return image;
    }

    // Whoever means harm seals what he has changed.
    private static async Task SealAsync(BlockDevice file)
    {
        foreach ((int offset, int length) in s_checksums)
        {
            if (offset + length <= file.Length)
            {
                byte[] bytes = new byte[length];
                await file.ReadAsync(offset, bytes, Token);
                uint checksum = VhdxChecksum.Of(bytes);
                await file.WriteAsync(
                    offset + VhdxChecksum.Offset, BitConverter.GetBytes(checksum), Token);
            }
        }
    }

    private static ValueTask<VirtualDisk> OpenAsync(BlockDevice file, bool canWrite) =>
        VirtualDisk.OpenAsync(
            file,
            new VirtualDiskOptions
            {
                Format = DiskFormat.Vhdx,
                CanWrite = canWrite,
                LeaveOpen = true,
            },
            Token);
}
