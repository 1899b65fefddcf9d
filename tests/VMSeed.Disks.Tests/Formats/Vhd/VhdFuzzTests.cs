using VMSeed.Blocks.Devices;
using VMSeed.Disks.Binary;
using VMSeed.Testing;
using VMSeed.Testing.Fuzz;

namespace VMSeed.Disks.Tests.Formats.Vhd;

/// <summary>Damaged images are read or refused, in bounded time and memory.</summary>
public sealed class VhdFuzzTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, false)]
    [InlineData("fixed", false)]
    [InlineData(null, true)]
    public async Task Damage_anywhere_ends_in_bytes_or_a_typed_error(string? variant, bool isChild)
    {
        byte[] image = await MakeAsync(variant, isChild);
        FuzzOutcome outcome = await HostileImages.TryAsync(
            image,
            async file => await VirtualDisk.OpenAsync(file, Options(isChild), Token),
            e => e is DiskFormatException,
            seed: 1,
            count: 400);
        Assert.True(outcome.Opened > 0 && outcome.Refused > 0, $"{outcome}");
    }

    // With checksums that hold, damage comes past the first gate.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Damage_under_sound_checksums_ends_in_bytes_or_a_typed_error(bool isChild)
    {
        byte[] image = await MakeAsync(null, isChild);
        int opened = 0;
        for (int seed = 0; seed < 600; seed++)
        {
            byte[] damaged = ImageMutation.Make(
                image, new Random(seed), ..512, 512..1536, 1536..2048);
            if (damaged.Length >= 2048)
            {
                VhdSurgery.SealFooter(damaged, 0);
                VhdSurgery.SealHeader(damaged);
                damaged.AsSpan(0, 512).CopyTo(damaged.AsSpan(damaged.Length - 512));
            }

            opened += await HostileImages.IsReadAsync(
                damaged,
                async file => await VirtualDisk.OpenAsync(
                    file, Options(isChild) with { CanWrite = seed % 2 == 0 }, Token),
                e => e is DiskFormatException,
                new FuzzBounds(),
                $"The image of seed {seed}")
                ? 1
                : 0;
        }

        Assert.InRange(opened, 50, 550);
    }

    private static VirtualDiskOptions Options(bool isChild) => new()
    {
        Format = DiskFormat.Vhd,
        Parent = isChild ? new MemoryBlockDevice(new byte[600_064]) : null,
    };

    private static async Task<byte[]> MakeAsync(string? variant, bool isChild)
    {
        using TempFolder folder = new();
        await using MemoryBlockDevice parent = new(new byte[600_064]);
        await using (VirtualDisk disk = await VirtualDisk.CreateFileAsync(
            folder["disk"],
            new()
            {
                Format = DiskFormat.Vhd,
                Length = 600_064,
                Variant = variant,
                BlockSize = 64 << 10,
                Parent = isChild ? parent : null,
            },
            Token))
        {
            await disk.WriteAsync(70_000, Pattern.Random(300_000, 2), Token);
        }

        return await File.ReadAllBytesAsync(folder["disk"], Token);
    }
}
