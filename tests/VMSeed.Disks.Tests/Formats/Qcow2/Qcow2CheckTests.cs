using System.Buffers.Binary;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Testing;
using VMSeed.Testing.Contracts.Disks;
using VMSeed.Testing.Peers;

namespace VMSeed.Disks.Tests.Formats.Qcow2;

/// <summary>The check finds what <c>qemu-img check</c> finds, and what it has repaired is clean to
/// QEMU.</summary>
public sealed class Qcow2CheckTests
{
    private const int Length = 3_000_320;
    private const int ClusterSize = 65_536;

    // Where QEMU puts the first block of refcounts, the L1 table and the first L2 table.
    private const int CountsAt = 2 * ClusterSize;
    private const int L1At = 3 * ClusterSize;
    private const int L2At = 4 * ClusterSize;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Qcow2ReadTests.Shapes), MemberType = typeof(Qcow2ReadTests))]
    public async Task Images_of_qemu_are_clean(string options, bool compress)
    {
        using TempFolder folder = new();
        folder.Write("model", Pattern.Disk(Length, 3));
        await QemuImg.ConvertAsync(
            folder["model"], "raw", folder["image"], "qcow2", options, compress);
        CheckReport report = await CheckAsync(folder["image"], repair: false);
        Assert.Empty(report.Errors);
        Assert.Empty(report.Leaks);
        Assert.InRange(report.AllocatedBytes, 1, Length + (2 << 20));
    }

    [Fact]
    public async Task A_count_that_is_too_high_is_a_leak_and_is_repaired()
    {
        using TempFolder folder = await MakeAsync(image => image[CountsAt + 1]++);
        await FindsAsync(folder, errors: 0, leaks: 1);
    }

    [Fact]
    public async Task A_cluster_that_nothing_points_at_is_a_leak_and_is_repaired()
    {
        using TempFolder folder = await MakeAsync(
            image => image[CountsAt + (2 * (image.Length / ClusterSize)) - 1] = 1);
        await FindsAsync(folder, errors: 0, leaks: 1);
    }

    [Fact]
    public async Task A_count_that_is_too_low_is_an_error_and_is_repaired()
    {
        using TempFolder folder = await MakeAsync(image => image[CountsAt + 15] = 0);
        await FindsAsync(folder, errors: 1, leaks: 0);
    }

    [Theory]
    [InlineData(L1At)]
    [InlineData(L2At)]
    [InlineData(L2At + 24)]
    public async Task A_mark_that_contradicts_its_count_is_an_error_and_is_repaired(int at)
    {
        using TempFolder folder = await MakeAsync(image => image[at] ^= 0x80);
        await FindsAsync(folder, errors: 1, leaks: 0);
    }

    [Fact]
    public async Task Lost_refcounts_are_written_anew()
    {
        using TempFolder folder = await MakeAsync(
            image => BinaryPrimitives.WriteInt64BigEndian(image.AsSpan(ClusterSize), 513));
        byte[] model = await ReadAsync(folder["image"]);
        CheckReport report = await CheckAsync(folder["image"], repair: true);
        Assert.True(report.IsClean);
        Assert.True(report.ErrorCount > 0);
        await QemuImg.AssertCleanAsync(folder["image"], "qcow2");
        Assert.Equal(model, await ReadAsync(folder["image"]));
    }

    [Fact]
    public async Task A_pointer_past_the_file_is_an_error_that_stays()
    {
        using TempFolder folder = await MakeAsync(image =>
            BinaryPrimitives.WriteUInt64BigEndian(image.AsSpan(L2At), 0x8000_0100_0000_0000));
        CheckReport report = await CheckAsync(folder["image"], repair: true);
        Assert.False(report.IsClean);
        Assert.Contains(report.Errors, e => e.Contains("past the", StringComparison.Ordinal));
        Assert.NotEqual(0, (await QemuImg.CheckAsync(folder["image"], "qcow2"))!.Corruptions);
    }

    [Fact]
    public async Task Two_entries_of_one_cluster_are_found()
    {
        using TempFolder folder = await MakeAsync(
            image => image.AsSpan(L2At, 8).CopyTo(image.AsSpan(L2At + 8)));
        CheckReport report = await CheckAsync(folder["image"], repair: false);
        Assert.True(report.ErrorCount >= 1);
        Assert.Equal(1, report.LeakCount);
    }

    [Fact]
    public async Task An_image_that_was_not_closed_is_counted_anew_before_it_is_written()
    {
        using TempFolder folder = new();
        string path = folder["image"];
        await MakeDirtyAsync(path);
        byte[] model = await ReadAsync(path);
        await using (VirtualDisk disk = await OpenAsync(path))
        {
            Assert.True(disk.Info.IsUnclean);
            await disk.WriteAsync(1_500_000, Pattern.Random(200_000, 1), Token);
        }

        Pattern.Random(200_000, 1).CopyTo(model, 1_500_000);
        await QemuOracle.CheckAsync(path, "qcow2", model);
    }

    [Fact]
    public async Task A_repair_closes_an_image_that_was_not_closed()
    {
        using TempFolder folder = new();
        string path = folder["image"];
        await MakeDirtyAsync(path);
        byte[] model = await ReadAsync(path);
        Assert.True((await CheckAsync(path, repair: true)).IsClean);
        await using VirtualDisk disk = await VirtualDisk.OpenFileAsync(
            path, cancellationToken: Token);
        Assert.False(disk.Info.IsUnclean);
        await QemuOracle.CheckAsync(path, "qcow2", model);
    }

    [Fact]
    public async Task What_is_marked_as_corrupt_is_written_only_after_a_repair()
    {
        using TempFolder folder = await MakeAsync(image => image[79] |= 2);
        await using (VirtualDisk disk = await OpenAsync(folder["image"]))
        {
            DiskFormatException refusal = await Assert.ThrowsAsync<DiskFormatException>(
                async () => await disk.WriteAsync(0, new byte[1], Token));
            Assert.Equal(DiskFault.Corrupt, refusal.Fault);
            Assert.True((await disk.CheckAsync(repair: true, null, Token)).IsClean);
            await disk.WriteAsync(0, new byte[1], Token);
        }

        await QemuImg.AssertCleanAsync(folder["image"], "qcow2");
    }

    [Fact]
    public async Task A_check_in_the_middle_of_writing_sees_an_image_that_is_whole()
    {
        using TempFolder folder = new();
        await using VirtualDisk disk = await VirtualDisk.CreateFileAsync(
            folder["image"],
            new VirtualDiskCreateOptions { Format = DiskFormat.Qcow2, Length = Length },
            Token);
        Task writing = Task.Run(
            async () =>
            {
                Random random = new(1);
                for (int i = 0; i < 300; i++)
                {
                    await disk.WriteAsync(random.Next(Length - 4096), new byte[4096], Token);
                    await disk.TrimAsync(random.Next(Length - 131_072), 131_072, Token);
                }
            },
            Token);
        do
        {
            Assert.Empty((await disk.CheckAsync(cancellationToken: Token)).Errors);
        }
        while (!writing.IsCompleted);
        await writing;
    }

    private static async Task FindsAsync(TempFolder folder, int errors, int leaks)
    {
        string path = folder["image"];
        QemuCheck theirs = (await QemuImg.CheckAsync(path, "qcow2"))!;
        CheckReport ours = await CheckAsync(path, repair: false);
        Assert.Equal((errors, leaks), (ours.ErrorCount, ours.LeakCount));
        Assert.Equal((errors > 0, leaks > 0), (theirs.Corruptions > 0, theirs.Leaks > 0));
        byte[] model = await ReadAsync(path);
        Assert.True((await CheckAsync(path, repair: true)).IsClean);
        await QemuOracle.CheckAsync(path, "qcow2", model);
    }

    private static async Task<TempFolder> MakeAsync(Action<byte[]> damage)
    {
        TempFolder folder = new();
        await QemuImg.CreateAsync(folder["image"], "qcow2", Length);
        await QemuIo.RunAsync(folder["image"], "qcow2", QemuIo.Write(0, 1_000_000, 7));
        byte[] image = await File.ReadAllBytesAsync(folder["image"], Token);
        Array.Resize(ref image, (image.Length / ClusterSize * ClusterSize) + (2 * ClusterSize));
        damage(image);
        folder.Write("image", image);
        return folder;
    }

    // As a crash of QEMU leaves it.
    private static async Task MakeDirtyAsync(string path)
    {
        await QemuImg.CreateAsync(path, "qcow2", Length, "lazy_refcounts=on");
        await PeerProgram.RunAsync(
            "qemu-io", "-f", "qcow2", "-c", "write -P 5 0 1000000", "-c", "flush", "-c", "abort",
            path);
    }

    private static ValueTask<VirtualDisk> OpenAsync(string path) => VirtualDisk.OpenFileAsync(
        path, new VirtualDiskOptions { CanWrite = true }, Token);

    private static async Task<byte[]> ReadAsync(string path)
    {
        await using VirtualDisk disk = await VirtualDisk.OpenFileAsync(
            path, cancellationToken: Token);
        return await ContentAssert.ReadAsync(disk);
    }

    private static async Task<CheckReport> CheckAsync(string path, bool repair)
    {
        await using VirtualDisk disk = await VirtualDisk.OpenFileAsync(
            path, new VirtualDiskOptions { CanWrite = repair }, Token);
        return await disk.CheckAsync(repair, null, Token);
    }
}
