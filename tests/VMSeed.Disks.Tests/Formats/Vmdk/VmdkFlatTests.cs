using VMSeed.Disks.Tests.Formats.Sharing;
using VMSeed.Testing.Contracts.Disks;

namespace VMSeed.Disks.Tests.Formats.Vmdk;

/// <summary>A descriptor and a flat extent; QEMU judges.</summary>
public sealed class VmdkFlatTests : SharedFilesContract
{
    protected override string Main => "disk.vmdk";

    protected override async ValueTask<string[]> MakeAsync(string folder, long length)
    {
        await using VirtualDisk disk = await VirtualDisk.CreateFileAsync(
            Path.Join(folder, Main),
            new VirtualDiskCreateOptions
            {
                Format = DiskFormat.Vmdk,
                Length = length,
                Variant = "monolithicFlat",
            },
            Token);
        return [];
    }

    protected override async ValueTask CheckWithOracleAsync(
        string folder, byte[] content, bool isRecovered) =>
        await QemuOracle.CheckAsync(Path.Join(folder, Main), "vmdk", content, isRecovered);
}
