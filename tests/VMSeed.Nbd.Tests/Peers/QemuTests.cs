using VMSeed.Blocks.Devices;
using VMSeed.Disks;
using VMSeed.Testing;
using VMSeed.Testing.Peers;

namespace VMSeed.Nbd.Tests.Peers;

public sealed class QemuTests
{
    private const int MiB = 1024 * 1024;

    [Fact]
    public async Task It_copies_the_disk_with_its_holes()
    {
        PatternDevice device = new(16 * MiB, sparse: true);
        await using Served served = Served.Start(device);
        string copy = served["copy.qcow2"];
        await QemuImg.ConvertAsync(served.Uri, "raw", copy, "qcow2");
        Assert.True(await QemuImg.CompareAsync(copy, "qcow2", served.Uri, "raw"));
        QemuExtent[] map = await QemuImg.MapAsync(served.Uri, "raw");
        Assert.Equal(
            device.Length / 4, map.Where(extent => extent.Zero).Sum(extent => extent.Length));
    }

    [Theory]
    [InlineData(DiskFormat.Qcow2, "qcow2")]
    [InlineData(DiskFormat.Vmdk, "vmdk")]
    [InlineData(DiskFormat.Vdi, "vdi")]
    [InlineData(DiskFormat.Vhdx, "vhdx")]
    public async Task An_image_is_written_through_the_server(DiskFormat format, string name)
    {
        using TempFolder folder = new();
        string path = folder[$"disk.{name}"];
        string source = folder.Write("source.raw", Pattern.Disk(8 * MiB, seed: 21));
        await using (VirtualDisk disk = await VirtualDisk.CreateFileAsync(
            path,
            new VirtualDiskCreateOptions { Format = format, Length = 8 * MiB },
            TestContext.Current.CancellationToken))
        {
            await using Served served = Served.Start(disk);
            await PeerProgram.OutputAsync(
                "qemu-img", "convert", "-q", "-n", "-f", "raw", "-O", "raw", source, served.Uri);
            await PeerProgram.OutputAsync(
                "qemu-io", "-f", "raw", "-c", "write -P 7 1M 300k", "-c", "write -z 3M 1M", "-c",
                "write -z -u 5M 64k", "-c", "discard 6M 1M", "-c", "flush", "-c",
                "read -P 7 1M 300k", "-c", "read -P 0 3M 1M", "-c", "read -P 0 5M 64k",
                served.Uri);
            await PeerProgram.OutputAsync(
                "qemu-io", "-f", "raw", "-c", "write -z 6M 1M", served.Uri);
        }

        await QemuImg.AssertCleanAsync(path, name);
        await PeerProgram.OutputAsync(
            "qemu-io", "-f", "raw", "-c", "write -P 7 1M 300k", "-c", "write -P 0 3M 1M", "-c",
            "write -P 0 5M 64k", "-c", "write -P 0 6M 1M", source);
        Assert.True(await QemuImg.CompareAsync(path, name, source, "raw"));
    }

    [Fact]
    public async Task It_reads_over_TCP_an_export_by_name()
    {
        await using MemoryBlockDevice other = new(MiB);
        PatternDevice device = new(4 * MiB);
        await using Served served = Served.StartTcp(
            [new BlockDeviceExport("other", other), new BlockDeviceExport("this one", device)]);
        string copy = served["copy.raw"];
        await QemuImg.ConvertAsync(served.Server.AddressOf("this one"), "raw", copy, "raw");
        Assert.Equal(
            device.Expect(0, 4 * MiB),
            await File.ReadAllBytesAsync(copy, TestContext.Current.CancellationToken));
    }
}
