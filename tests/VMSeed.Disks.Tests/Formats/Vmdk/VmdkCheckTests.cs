using System.Buffers.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Testing;
using VMSeed.Testing.Contracts.Disks;

namespace VMSeed.Disks.Tests.Formats.Vmdk;

/// <summary>What is wrong in a sparse image is found; what the other copy of its tables knows is
/// mended.</summary>
public sealed class VmdkCheckTests
{
    private const int Length = (1 << 20) + (37 * 512);
    private const int Grain = 4096;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_first_copy_that_is_garbage_is_read_from_the_second_and_mended()
    {
        byte[] model = Pattern.Disk(Length, 1);
        using TempFolder folder = new();
        await MakeAsync(folder["disk.vmdk"], model);
        await ChangeAsync(folder["disk.vmdk"], (image, first, _) =>
            BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(first + 8), 0xFFFF_FF00));
        await using (VirtualDisk disk = await OpenAsync(folder["disk.vmdk"], false))
        {
            await ContentAssert.HoldsAsync(disk, model);
            CheckReport report = await disk.CheckAsync(cancellationToken: Token);
            Assert.Equal((1, 0), (report.ErrorCount, report.RepairedCount));
        }

        await using (VirtualDisk disk = await OpenAsync(folder["disk.vmdk"], true))
        {
            CheckReport report = await disk.CheckAsync(repair: true, cancellationToken: Token);
            Assert.Equal((1, 1), (report.ErrorCount, report.RepairedCount));
        }

        await QemuOracle.CheckAsync(folder["disk.vmdk"], "vmdk", model);
        await AssertCleanAsync(folder["disk.vmdk"]);
    }

    [Fact]
    public async Task Copies_that_differ_after_an_unclean_end_are_levelled_before_a_write()
    {
        byte[] model = Pattern.Disk(Length, 1);
        using TempFolder folder = new();
        await MakeAsync(folder["disk.vmdk"], model);
        await ChangeAsync(folder["disk.vmdk"], (image, _, second) =>
        {
            image[72] = 1;
            BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(second + 8), 0);
        });
        await using (VirtualDisk disk = await OpenAsync(folder["disk.vmdk"], true))
        {
            Assert.True(disk.Info.IsUnclean);
            model[5] ^= 1;
            await disk.WriteAsync(5, model.AsMemory(5, 1), Token);
            await disk.ZeroAsync(10 * Grain, Grain, Token);
            model.AsSpan(10 * Grain, Grain).Clear();
        }

        await AssertCleanAsync(folder["disk.vmdk"]);
        await using VirtualDisk again = await OpenAsync(folder["disk.vmdk"], false);
        Assert.False(again.Info.IsUnclean);
        await ContentAssert.HoldsAsync(again, model);
    }

    [Fact]
    public async Task Two_entries_of_one_grain_and_a_grain_of_none_are_found()
    {
        using TempFolder folder = new();
        await MakeAsync(folder["disk.vmdk"], Pattern.Disk(Length, 1));
        await ChangeAsync(folder["disk.vmdk"], (image, first, second) =>
        {
            image.AsSpan(first, 4).CopyTo(image.AsSpan(first + 4));
            image.AsSpan(second, 4).CopyTo(image.AsSpan(second + 4));
        });
        await using VirtualDisk disk = await OpenAsync(folder["disk.vmdk"], true);
        CheckReport report = await disk.CheckAsync(repair: true, cancellationToken: Token);
        Assert.Equal((1, 1, 0), (report.ErrorCount, report.LeakCount, report.RepairedCount));
        Assert.False(report.IsClean);
    }

    private static async Task AssertCleanAsync(string path)
    {
        await using VirtualDisk disk = await OpenAsync(path, false);
        CheckReport report = await disk.CheckAsync(cancellationToken: Token);
        Assert.True(
            report.ErrorCount + report.LeakCount == 0,
            string.Join(' ', [.. report.Errors, .. report.Leaks]));
    }

    private static ValueTask<VirtualDisk> OpenAsync(string path, bool writable) =>
        VirtualDisk.OpenFileAsync(path, new VirtualDiskOptions { CanWrite = writable }, Token);

    private static async Task MakeAsync(string path, byte[] model)
    {
        await using VirtualDisk disk = await VirtualDisk.CreateFileAsync(
            path,
            new VirtualDiskCreateOptions
            {
                Format = DiskFormat.Vmdk,
                Length = Length,
                BlockSize = Grain,
            },
            Token);
        await disk.WriteAsync(0, model, Token);
    }

    // Gives the offsets of the two copies of the first table.
    private static async Task ChangeAsync(string path, Action<byte[], int, int> change)
    {
        byte[] image = await File.ReadAllBytesAsync(path, Token);
        int Table(int field)
        {
            int directory = 512 * BinaryPrimitives.ReadInt32LittleEndian(image.AsSpan(field));
            return 512 * BinaryPrimitives.ReadInt32LittleEndian(image.AsSpan(directory));
        }

        change(image, Table(56), Table(48));
        await File.WriteAllBytesAsync(path, image, Token);
    }
}
