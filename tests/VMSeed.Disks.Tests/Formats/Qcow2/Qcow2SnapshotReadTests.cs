using System.Buffers.Binary;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Testing;
using VMSeed.Testing.Contracts.Disks;
using VMSeed.Testing.Fuzz;
using VMSeed.Testing.Peers;

namespace VMSeed.Disks.Tests.Formats.Qcow2;

/// <summary>Internal snapshots that QEMU made, opened as disks of their own.</summary>
public sealed class Qcow2SnapshotReadTests
{
    private const int Length = 2_000_384;
    private const int Longer = 5_000_192;
    private const int SnapshotOffsetOffset = 64;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("compat=0.10,cluster_size=4k")]
    [InlineData("compat=1.1,cluster_size=512")]
    [InlineData("extended_l2=on")]
    [InlineData("compression_type=zstd")]
    public async Task Each_is_the_disk_as_it_was_whatever_was_written_since(string options)
    {
        using TempFolder folder = new();
        string path = await MakeAsync(folder, options);
        byte[] one = await AppliedAsync(folder, path, "one");
        byte[] two = await AppliedAsync(folder, path, "two");
        Assert.NotEqual(one, two.Take(Length));
        await using (VirtualDisk written = await VirtualDisk.OpenFileAsync(
            path, new VirtualDiskOptions { CanWrite = true }, Token))
        {
            Assert.Equal(Longer, written.Length);
            await written.WriteAsync(90_000, Pattern.Disk(1_000_000, 8), Token);
            await written.TrimAsync(0, 70_000, Token);
        }

        await AssertIsAsync(one, path, "one");
        await AssertIsAsync(two, path, "two");
        await QemuImg.AssertCleanAsync(path, "qcow2");
    }

    [Fact]
    public async Task They_are_listed_as_the_image_has_them()
    {
        using TempFolder folder = new();
        string path = await MakeAsync(folder, "compat=1.1");
        await using VirtualDisk disk = await VirtualDisk.OpenFileAsync(
            path, new VirtualDiskOptions { Snapshot = "two" }, Token);
        DiskSnapshot[] found = [.. disk.Info.Snapshots];
        var told = (await QemuImg.InfoAsync(path, "qcow2")).GetProperty("snapshots");
        Assert.Equal(["1", "2"], found.Select(snapshot => snapshot.Id));
        Assert.Equal(["one", "two"], found.Select(snapshot => snapshot.Name));
        Assert.Equal([Length, Longer], found.Select(snapshot => snapshot.Length));
        Assert.Equal(
            told.EnumerateArray().Select(one => one.GetProperty("date-sec").GetInt64()),
            found.Select(snapshot => snapshot.Created.ToUnixTimeSeconds()));
        Assert.All(found, snapshot => Assert.Equal(0, snapshot.MachineStateSize));
        Assert.Empty(disk.Info.Warnings);
    }

    [Fact]
    public async Task An_id_goes_before_a_name_as_it_does_to_qemu()
    {
        using TempFolder folder = new();
        string path = folder["image"];
        await QemuImg.CreateAsync(path, "qcow2", Length);
        foreach ((byte value, string name) in new[] { ((byte)1, "2"), ((byte)2, "named") })
        {
            await QemuIo.RunAsync(path, "qcow2", QemuIo.Write(0, 4096, value));
            await PeerProgram.OutputAsync("qemu-img", "snapshot", "-c", name, path);
        }

        foreach (string wanted in new[] { "1", "2", "named" })
        {
            await PeerProgram.OutputAsync(
                "qemu-img", "convert", "-l", wanted, "-O", "raw", path, folder["theirs"]);
            await AssertIsAsync(
                await File.ReadAllBytesAsync(folder["theirs"], Token), path, wanted);
        }
    }

    [Fact]
    public async Task What_a_snapshot_does_not_hold_is_the_parents()
    {
        using TempFolder folder = new();
        byte[] parent = Pattern.Disk(Length, 2);
        folder.Write("base", parent);
        string path = folder["image"];
        await QemuImg.CreateAsync(path, "qcow2", Length, null, "base", "raw");
        await QemuIo.RunAsync(path, "qcow2", QemuIo.Write(0, 65_536, 7));
        await PeerProgram.OutputAsync("qemu-img", "snapshot", "-c", "one", path);
        await QemuIo.RunAsync(path, "qcow2", QemuIo.Write(0, 1_000_000, 9));
        parent.AsSpan(0, 65_536).Fill(7);
        await AssertIsAsync(parent, path, "one");
    }

    [Fact]
    public async Task A_check_is_of_the_whole_image_whichever_is_open()
    {
        using TempFolder folder = new();
        string path = await MakeAsync(folder, "compat=1.1");
        await using VirtualDisk disk = await VirtualDisk.OpenFileAsync(
            path, new VirtualDiskOptions { Snapshot = "one" }, Token);
        CheckReport report = await disk.CheckAsync(cancellationToken: Token);
        Assert.True(report.IsClean, string.Join(' ', report.Errors.Concat(report.Leaks)));
    }

    [Fact]
    public async Task A_name_that_is_not_there_is_answered_with_those_that_are()
    {
        using TempFolder folder = new();
        string path = folder["image"];
        await QemuImg.CreateAsync(path, "qcow2", Length);
        DiskFormatException none = await RefusalAsync(path, "x");
        Assert.Equal(DiskFault.MissingSnapshot, none.Fault);
        Assert.Contains("none at all", none.Message, StringComparison.Ordinal);
        foreach (int i in Enumerable.Range(1, 10))
        {
            await PeerProgram.OutputAsync("qemu-img", "snapshot", "-c", $"number-{i}", path);
        }

        DiskFormatException refusal = await RefusalAsync(path, new string('x', 5000));
        Assert.Equal(DiskFault.MissingSnapshot, refusal.Fault);
        Assert.Contains("'number-8' (ID 8) and 2 more", refusal.Message, StringComparison.Ordinal);
        Assert.InRange(refusal.Message.Length, 1, 500);
    }

    [Fact]
    public async Task Formats_without_any_and_writers_are_refused()
    {
        using TempFolder folder = new();
        await QemuImg.CreateAsync(folder["image.vdi"], "vdi", Length);
        DiskFormatException refusal = await RefusalAsync(folder["image.vdi"], "one");
        Assert.Equal(DiskFault.Unsupported, refusal.Fault);
        Assert.Contains("'one'", refusal.Message, StringComparison.Ordinal);
        string path = await MakeAsync(folder, "compat=1.1");
        await Assert.ThrowsAsync<ArgumentException>(async () => await VirtualDisk.OpenFileAsync(
            path, new VirtualDiskOptions { Snapshot = "one", CanWrite = true }, Token));
    }

    [Theory]
    [InlineData(0, 1L << 62)]
    [InlineData(0, 513)]
    [InlineData(0, 0)]
    [InlineData(6, 0xFFFF_FFFF)]
    [InlineData(48, -1)]
    [InlineData(48, 1L << 60)]
    public async Task A_table_that_does_not_fit_is_refused_and_the_disk_still_opens(
        int offset, long value)
    {
        using TempFolder folder = new();
        string path = await MakeAsync(folder, "compat=1.1");
        byte[] image = await File.ReadAllBytesAsync(path, Token);
        long table = BinaryPrimitives.ReadInt64BigEndian(image.AsSpan(SnapshotOffsetOffset));
        BinaryPrimitives.WriteInt64BigEndian(image.AsSpan((int)table + offset), value);
        await File.WriteAllBytesAsync(path, image, Token);
        DiskFormatException refusal = await RefusalAsync(path, "one");
        Assert.NotEqual(DiskFault.Unsupported, refusal.Fault);
        await using VirtualDisk disk = await VirtualDisk.OpenFileAsync(
            path, cancellationToken: Token);
        Assert.Equal(Longer, disk.Length);
        Assert.Equal(refusal.Message.Contains("table of snapshots", StringComparison.Ordinal)
            ? 1 : 0, disk.Info.Warnings.Count);
    }

    [Fact]
    public async Task Damaged_snapshots_are_read_or_refused()
    {
        using TempFolder folder = new();
        byte[] image = await File.ReadAllBytesAsync(
            await MakeAsync(folder, "cluster_size=4k"), Token);
        int table = (int)BinaryPrimitives.ReadInt64BigEndian(image.AsSpan(SnapshotOffsetOffset));
        FuzzOutcome outcome = await HostileImages.TryAsync(
            image,
            async file => await VirtualDisk.OpenAsync(
                file, new VirtualDiskOptions { Format = DiskFormat.Qcow2, Snapshot = "2" }),
            e => e is DiskFormatException,
            seed: 1,
            count: 200,
            bounds: null,
            regions: [56..72, table..(table + 150)]);
        Assert.True(outcome.Opened > 0 && outcome.Refused > 0, outcome.ToString());
    }

    // "one" of Length bytes, then more data and a longer disk: "two"; then more data.
    private static async Task<string> MakeAsync(TempFolder folder, string options)
    {
        string path = folder["image"];
        await QemuImg.CreateAsync(path, "qcow2", Length, options);
        await QemuIo.RunAsync(
            path, "qcow2", QemuIo.Write(3000, 500_000, 1), "write -c -P 5 1048576 131072");
        await PeerProgram.OutputAsync("qemu-img", "snapshot", "-c", "one", path);
        await QemuIo.RunAsync(
            path, "qcow2", QemuIo.Write(100_000, 90_000, 2), QemuIo.Zero(1_000_000, 200_000));
        if (options.Contains("0.10", StringComparison.Ordinal))
        {
            // QEMU does not resize version 2 with snapshots.
            await PeerProgram.OutputAsync("qemu-img", "amend", "-o", "compat=1.1", path);
        }

        await QemuImg.ResizeAsync(path, "qcow2", Longer);
        await QemuIo.RunAsync(path, "qcow2", QemuIo.Write(4_000_000, 100_000, 3));
        await PeerProgram.OutputAsync("qemu-img", "snapshot", "-c", "two", path);
        await QemuIo.RunAsync(path, "qcow2", QemuIo.Write(0, Longer, 4));
        return path;
    }

    private static async Task<byte[]> AppliedAsync(TempFolder folder, string path, string name)
    {
        string copy = folder[$"{name}.copy"];
        File.Copy(path, copy);
        await PeerProgram.OutputAsync("qemu-img", "snapshot", "-a", name, copy);
        await QemuImg.ConvertAsync(copy, "qcow2", folder[$"{name}.raw"], "raw");
        return await File.ReadAllBytesAsync(folder[$"{name}.raw"], Token);
    }

    private static async Task AssertIsAsync(byte[] expected, string path, string snapshot)
    {
        await using VirtualDisk disk = await VirtualDisk.OpenFileAsync(
            path, new VirtualDiskOptions { Snapshot = snapshot }, Token);
        Assert.False(disk.CanWrite);
        await ContentAssert.HoldsAsync(disk, expected);
    }

    private static async Task<DiskFormatException> RefusalAsync(string path, string snapshot) =>
        await Assert.ThrowsAsync<DiskFormatException>(async () => await VirtualDisk.OpenFileAsync(
            path, new VirtualDiskOptions { Snapshot = snapshot }, Token));
}
