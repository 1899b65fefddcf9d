namespace VMSeed.Disks.Tests.Formats.Vhdx;

/// <summary>Blocks are all there, and stay.</summary>
public sealed class VhdxFixedTests : VhdxContract
{
    protected override VirtualDiskCreateOptions Options(long length) => new()
    {
        Format = DiskFormat.Vhdx,
        Variant = "fixed",
        Length = length,
        BlockSize = 1 << 20,
    };
}
