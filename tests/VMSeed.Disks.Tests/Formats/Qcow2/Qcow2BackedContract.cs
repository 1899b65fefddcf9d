using VMSeed.Disks.Tests.Formats.Sharing;
using VMSeed.Testing.Contracts.Disks;

namespace VMSeed.Disks.Tests.Formats.Qcow2;

/// <summary>An image over another with a content; QEMU judges.</summary>
public abstract class Qcow2BackedContract(string variant, int? clusterSize = null)
    : ChildContract(
        new()
        {
            Format = DiskFormat.Qcow2,
            Length = 0,
            Variant = variant,
            BlockSize = clusterSize,
        },
        ".qcow2")
{
    protected override async ValueTask CheckWithOracleAsync(
        string folder, byte[] content, bool isRecovered) =>
        await QemuOracle.CheckAsync(Path.Join(folder, Main), "qcow2", content, isRecovered);
}
