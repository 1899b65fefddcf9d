using VMSeed.Testing;
using VMSeed.Testing.Peers;

namespace VMSeed.Disks.Tests.Harness;

public sealed class QemuImgTests : IDisposable
{
    private const int Length = 4 << 20;

    private readonly TempFolder _folder = new();

    private string Raw => _folder["disk.raw"];

    private string Image => _folder["disk.qcow2"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("qcow2", "cluster_size=4096", true)]
    [InlineData("vmdk", "subformat=streamOptimized", true)]
    [InlineData("vmdk", null, true)]
    [InlineData("vdi", null, true)]
    [InlineData("vpc", null, false)]
    [InlineData("vhdx", null, true)]
    [InlineData("parallels", null, true)]
    public async Task A_disk_that_is_converted_is_clean_and_identical_until_it_is_changed(
        string format, string? options, bool hasCheck)
    {
        _folder.Write("disk.raw", Pattern.Disk(Length, 1));
        await QemuImg.ConvertAsync(Raw, "raw", Image, format, options);
        Assert.Equal(hasCheck, (await QemuImg.CheckAsync(Image, format))?.IsClean ?? false);
        Assert.True(await QemuImg.CompareAsync(Raw, "raw", Image, format));
        await QemuIo.RunAsync(Raw, "raw", QemuIo.Write(8192, 512, 0x5A));
        Assert.False(await QemuImg.CompareAsync(Raw, "raw", Image, format));
    }

    [Fact]
    public async Task A_check_tells_corruption_and_leaks()
    {
        await QemuImg.CreateAsync(Image, "qcow2", Length);
        await QemuIo.RunAsync(Image, "qcow2", QemuIo.Write(0, 65536, 1));
        byte[] file = await File.ReadAllBytesAsync(Image, TestContext.Current.CancellationToken);

        // The first table of clusters gone: what it led to is leaked.
        file.AsSpan(0x30000, 8).Clear();
        _folder.Write("leak.qcow2", file);
        QemuCheck? leak = await QemuImg.CheckAsync(_folder["leak.qcow2"], "qcow2");
        Assert.Equal((0, true), (leak!.Corruptions, leak.Leaks > 0));
        await Assert.ThrowsAnyAsync<Exception>(
            () => QemuImg.AssertCleanAsync(_folder["leak.qcow2"], "qcow2"));

        // The first block of counts gone: what is in use counts as free.
        file.AsSpan(0x20000, 16).Clear();
        _folder.Write("bad.qcow2", file);
        QemuCheck? bad = await QemuImg.CheckAsync(_folder["bad.qcow2"], "qcow2");
        Assert.True(bad!.Corruptions > 0);
    }

    [Fact]
    public async Task A_child_is_mapped_resized_committed_and_rebased()
    {
        string child = _folder["child.qcow2"];
        await QemuImg.CreateAsync(Image, "qcow2", Length);
        await QemuImg.CreateAsync(child, "qcow2", null, "compat=0.10", "disk.qcow2", "qcow2");
        await QemuIo.RunAsync(Image, "qcow2", QemuIo.Write(0, 65536, 7));
        await QemuIo.RunAsync(
            child, "qcow2", QemuIo.Write(1 << 20, 65536, 9), QemuIo.Read(0, 65536, 7));
        QemuExtent[] map = await QemuImg.MapAsync(child, "qcow2");
        Assert.Equal((0, 65536, 1, true), (map[0].Start, map[0].Length, map[0].Depth, map[0].Data));
        await QemuImg.ResizeAsync(child, "qcow2", Length * 2);
        Assert.Equal(
            Length * 2,
            (await QemuImg.InfoAsync(child, "qcow2")).GetProperty("virtual-size").GetInt64());
        await QemuImg.ResizeAsync(child, "qcow2", Length, shrink: true);
        await QemuImg.CommitAsync(child, "qcow2");
        await QemuIo.RunAsync(
            Image, "qcow2", QemuIo.Read(1 << 20, 65536, 9), QemuIo.Zero(0, 4096), QemuIo.Flush());
        await QemuImg.RebaseAsync(child, "qcow2", "", null);
        Assert.False((await QemuImg.InfoAsync(child, "qcow2")).TryGetProperty(
            "backing-filename", out _));
    }

    [Fact]
    public async Task A_read_of_another_value_and_a_failure_of_the_program_fail_the_test()
    {
        await QemuImg.CreateAsync(Image, "qcow2", Length);
        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(
            () => QemuIo.RunAsync(Image, "qcow2", QemuIo.Read(0, 512, 1)));
        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(
            () => QemuImg.InfoAsync(Image, "vmdk"));
    }
}
