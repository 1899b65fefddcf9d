using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Testing;
using VMSeed.Testing.Fuzz;
using VMSeed.Testing.Peers;

namespace VMSeed.Disks.Tests.Formats.Qcow2;

/// <summary>Damaged images end in time and memory, with bytes or with a typed error: read, checked,
/// and written.</summary>
public sealed class Qcow2FuzzTests
{
    private const int Length = 1_000_448;

    public static TheoryData<string, bool> Shapes => new()
    {
        { "compat=1.1,cluster_size=4k", false },
        { "compat=1.1,cluster_size=4k", true },
        { "compression_type=zstd,cluster_size=4k", true },
        { "extended_l2=on,cluster_size=16k", false },
        { "compat=0.10,cluster_size=512", false },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Damaged_images_are_read_or_refused(string options, bool compress)
    {
        FuzzOutcome outcome = await HostileImages.TryAsync(
            await MakeAsync(options, compress),
            async file => await VirtualDisk.OpenAsync(file),
            e => e is DiskFormatException,
            seed: 1,
            count: 150,
            bounds: null,
            regions: [0..512, 4096..20_480]);
        Assert.True(outcome.Opened > 0 && outcome.Refused > 0, outcome.ToString());
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Damaged_images_are_checked_repaired_and_written_or_refused(
        string options, bool compress)
    {
        FuzzOutcome outcome = await HostileImages.TryAsync(
            await MakeAsync(options, compress),
            async file => await UseAsync(file),
            e => e is DiskFormatException,
            seed: 1000,
            count: 100,
            bounds: null,
            regions: [0..512, 4096..20_480]);
        Assert.True(outcome.Opened > 0 && outcome.Refused > 0, outcome.ToString());
    }

    private static async ValueTask<BlockDevice> UseAsync(BlockDevice file)
    {
        VirtualDisk disk = await VirtualDisk.OpenAsync(
            file, new VirtualDiskOptions { CanWrite = true });
        await disk.CheckAsync(repair: true);
        long middle = Math.Min(disk.Length / 2, 100_000);
        await disk.WriteAsync(middle, new byte[Math.Min(5000, disk.Length - middle)]);
        await disk.TrimAsync(0, Math.Min(disk.Length, 100_000));
        await disk.FlushAsync();
        return disk;
    }

    private static async Task<byte[]> MakeAsync(string options, bool compress)
    {
        using TempFolder folder = new();
        folder.Write("model", Pattern.Disk(Length, 9));
        await QemuImg.ConvertAsync(
            folder["model"], "raw", folder["image"], "qcow2", options, compress);
        return await File.ReadAllBytesAsync(folder["image"]);
    }
}
