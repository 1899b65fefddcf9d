using VMSeed.Disks.Tests.Formats.Sharing;
using VMSeed.Testing.Contracts.Disks;
using VMSeed.Testing.Peers;

namespace VMSeed.Disks.Tests.Formats.Qcow2;

/// <summary>Tables in one file, data in another; QEMU judges.</summary>
/// <param name="isRaw">Whether the image says that the data file alone is the disk, though it has
/// no entries yet, as those do that QEMU made before its version 6.</param>
public abstract class Qcow2DataFileContract(bool isRaw) : SharedFilesContract
{
    // The last byte of the autoclear features.
    private const int RawFlagAt = 95;

    // The exit code of "qemu-img check" where clusters are counted that nothing points at.
    private const int OnlyLeaks = 3;

    protected override string Main => "disk.qcow2";

    protected override async ValueTask<string[]> MakeAsync(string folder, long length)
    {
        string path = Path.Join(folder, Main);
        await using (await VirtualDisk.CreateFileAsync(
            path,
            new VirtualDiskCreateOptions
            {
                Format = DiskFormat.Qcow2,
                Length = length,
                Variant = "v3,data_file",
            },
            Token))
        {
        }

        byte[] image = await File.ReadAllBytesAsync(path, Token);
        Assert.Equal(0, image[RawFlagAt]);
        image[RawFlagAt] = isRaw ? (byte)2 : (byte)0;
        await File.WriteAllBytesAsync(path, image, Token);
        return [];
    }

    protected override async ValueTask CheckWithOracleAsync(
        string folder, byte[] content, bool isRecovered)
    {
        string path = Path.Join(folder, Main);
        await CheckAsync(path, content, isRecovered);
        if ((await File.ReadAllBytesAsync(path, Token))[RawFlagAt] == 2)
        {
            ContentAssert.Same(
                content,
                await File.ReadAllBytesAsync(path + ".data", Token),
                when: "In the data file, of which the image says that it is the disk: ");
        }

        // QEMU looks for the data file in the directory that it runs in.
        string image = $"driver=qcow2,file.driver=file,file.filename={path},"
            + $"data-file.driver=file,data-file.filename={path}.data";
        string raw = Path.Join(folder, "raw");
        await File.WriteAllBytesAsync(raw, content, Token);
        PeerResult check = await PeerProgram.RunAsync(
            "qemu-img", "check", "--image-opts", image);
        Assert.True(
            check.ExitCode == 0 || (isRecovered && check.ExitCode == OnlyLeaks), check.Text);
        await PeerProgram.OutputAsync(
            "qemu-img",
            "compare",
            "--image-opts",
            $"driver=raw,file.driver=file,file.filename={raw}",
            image);
    }
}
