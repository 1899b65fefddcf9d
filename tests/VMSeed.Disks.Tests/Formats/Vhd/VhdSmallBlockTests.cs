namespace VMSeed.Disks.Tests.Formats.Vhd;

/// <summary>A growing image whose blocks are so small that many are filled at once, and that its
/// table has to move when it grows.</summary>
public sealed class VhdSmallBlockTests : VhdContractTests
{
    protected override VirtualDiskCreateOptions Options { get; } = new()
    {
        Format = DiskFormat.Vhd,
        Length = 0,
        BlockSize = 16 << 10,
        CreatorApplication = "win ",
    };
}
