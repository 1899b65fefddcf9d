using VMSeed.Blocks;
using VMSeed.Blocks.Devices;
using VMSeed.Disks;
using VMSeed.Testing;
using VMSeed.Testing.Peers;

namespace VMSeed.Nbd.Tests.Peers;

/// <summary>fio writes, trims and reads with queues, and checks each block by its own
/// checksum.</summary>
public sealed class FioTests
{
    private const int MiB = 1024 * 1024;

    [Fact]
    public async Task What_was_written_over_a_file_is_read()
    {
        using TempFolder folder = new();
        await using FileBlockDevice device = FileBlockDevice.Create(folder["disk.raw"], 64 * MiB);
        await VerifyAsync(device);
    }

    [Fact]
    public async Task What_was_written_over_an_image_is_read()
    {
        using TempFolder folder = new();
        await using VirtualDisk disk = await VirtualDisk.CreateFileAsync(
            folder["disk.qcow2"],
            new VirtualDiskCreateOptions { Format = DiskFormat.Qcow2, Length = 64 * MiB },
            TestContext.Current.CancellationToken);
        await VerifyAsync(disk);
    }

    private static async Task VerifyAsync(BlockDevice device)
    {
        await using Served served = Served.Start(device);
        await RunAsync(
            served, "--rw=randwrite", "--bsrange=4k-256k", "--iodepth=16", "--size=64m",
            "--verify=crc32c", "--do_verify=1", "--verify_fatal=1", "--fsync=64");
        await RunAsync(
            served, "--rw=randrw", "--rwmixread=50", "--bs=4k", "--iodepth=32", "--size=16m",
            "--verify=crc32c", "--do_verify=1", "--verify_fatal=1");
        await RunAsync(
            served, "--rw=randtrimwrite", "--bs=64k", "--iodepth=8", "--size=32m");
        await RunAsync(
            served, "--rw=randwrite", "--bs=16k", "--iodepth=16", "--size=8m", "--numjobs=2",
            "--offset_increment=32m", "--verify=crc32c", "--do_verify=1", "--verify_fatal=1");
    }

    private static Task<string> RunAsync(Served served, params string[] options) =>
        PeerProgram.OutputAsync(
            "fio",
            [
                "--name=it", "--ioengine=nbd", $"--uri={served.Uri}", "--randseed=7",
                "--verify_state_save=0", $"--aux-path={Path.GetDirectoryName(served.Socket)}",
                .. options,
            ]);
}
