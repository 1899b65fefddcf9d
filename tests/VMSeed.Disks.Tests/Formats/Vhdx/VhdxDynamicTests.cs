namespace VMSeed.Disks.Tests.Formats.Vhdx;

/// <summary>Blocks come with the first write and go with zeros.</summary>
public sealed class VhdxDynamicTests : VhdxContract
{
    protected override VirtualDiskCreateOptions Options(long length) => new()
    {
        Format = DiskFormat.Vhdx,
        Length = length,
        BlockSize = 1 << 20,
    };
}
