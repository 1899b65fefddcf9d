using VMSeed.Blocks.Devices;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Vmdk;
using VMSeed.Testing;
using VMSeed.Testing.Fuzz;

namespace VMSeed.Disks.Tests.Formats.Vmdk;

/// <summary>Damaged images are read or refused, in bounded time and memory.</summary>
public sealed class VmdkFuzzTests
{
    private const int Length = (1 << 20) + (37 * 512);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Damage_of_a_sparse_image_ends_in_bytes_or_a_typed_error(bool writable) =>
        await TryAsync(await SparseAsync(), writable, ..512, 512..2048, (21 * 512)..(40 * 512));

    [Fact]
    public async Task Damage_of_a_packed_image_ends_in_bytes_or_a_typed_error()
    {
        byte[] image = await PackedAsync();
        await TryAsync(
            image, false, ..512, (1 << 16)..((1 << 16) + 64), (image.Length - 6000)..image.Length);
    }

    private static async Task TryAsync(byte[] image, bool writable, params Range[] regions)
    {
        FuzzOutcome outcome = await HostileImages.TryAsync(
            image,
            async file =>
            {
                VirtualDisk disk = await VirtualDisk.OpenAsync(
                    file,
                    new VirtualDiskOptions { Format = DiskFormat.Vmdk, CanWrite = writable },
                    Token);
                await disk.CheckAsync(repair: writable, cancellationToken: Token);
                return disk;
            },
            e => e is DiskFormatException,
            seed: 1,
            count: 400,
            bounds: null,
            regions);
        Assert.True(outcome.Opened > 20 && outcome.Refused > 20, $"{outcome}");
    }

    private static async Task<byte[]> SparseAsync()
    {
        await using MemoryBlockDevice file = new([]);
        await using (VirtualDisk disk = await VirtualDisk.CreateAsync(
            file,
            new VirtualDiskCreateOptions
            {
                Format = DiskFormat.Vmdk,
                Length = Length,
                BlockSize = 4096,
            },
            Token))
        {
            await disk.WriteAsync(1000, Pattern.Random(50_000, 1), Token);
            await disk.FlushAsync(Token);
            byte[] image = new byte[file.Length];
            await file.ReadAsync(0, image, Token);
            return image;
        }
    }

    private static async Task<byte[]> PackedAsync()
    {
        await using MemoryStream target = new();
        await using ForwardWriter writer = new VmdkDriver().CreateWriter(
            target, new VirtualDiskCreateOptions { Format = DiskFormat.Vmdk, Length = Length });
        await writer.WriteAsync(0, Pattern.Disk(5 << 16, 1), Token);
        await writer.CompleteAsync(Token);
        return target.ToArray();
    }
}
