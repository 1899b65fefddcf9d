using VMSeed.Testing;
using VMSeed.Testing.Peers;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Tests.Running;

namespace VMSeed.Tool.Tests.Images;

public sealed class DiskDescribeVerbTests
{
    [Fact]
    public async Task QEMU_reads_the_raw_file_through_its_description()
    {
        using TempFolder folder = new();
        byte[] disk = new byte[3 << 20];
        new Random(1).NextBytes(disk.AsSpan(1 << 20, 1 << 20));
        string raw = folder.Write("a folder/disk.raw", disk);
        string described = folder["disk.vmdk"];
        (await Vmseed.RunAsync("disk", "describe", raw, described)).MustExit(0);
        await PeerProgram.OutputAsync("qemu-img", "compare", "-f", "vmdk", "-F", "raw",
            described, raw);

        (await Vmseed.RunAsync("disk", "describe", raw, described))
            .MustFail(ExitCode.Usage, "exists already");
        (await Vmseed.RunAsync("disk", "describe", raw, described, "--force")).MustExit(0);
        Assert.Equal(disk, (await Vmseed.RunAsync(
            "read", described, "--allow-files", folder["a folder"])).MustExit(0).Bytes);
    }

    [Fact]
    public async Task Half_a_sector_is_refused()
    {
        using TempFolder folder = new();
        string raw = folder.Write("disk.raw", new byte[700]);
        (await Vmseed.RunAsync("disk", "describe", raw, folder["disk.vmdk"]))
            .MustFail(ExitCode.Usage, "not whole sectors");
        Assert.False(File.Exists(folder["disk.vmdk"]));
    }
}
