using VMSeed.Disks.Tests.Formats.Sharing;
using VMSeed.Testing.Contracts.Disks;

namespace VMSeed.Disks.Tests.Formats.Vmdk;

/// <summary>A VMDK over another; QEMU judges.</summary>
public sealed class VmdkChildTests()
    : ChildContract(new() { Format = DiskFormat.Vmdk, Length = 0, BlockSize = 4096 }, ".vmdk")
{
    protected override async ValueTask CheckWithOracleAsync(
        string folder, byte[] content, bool isRecovered)
    {
        await base.CheckWithOracleAsync(folder, content, isRecovered);
        await QemuOracle.CheckAsync(Path.Join(folder, Main), "vmdk", content, isRecovered);
    }
}
