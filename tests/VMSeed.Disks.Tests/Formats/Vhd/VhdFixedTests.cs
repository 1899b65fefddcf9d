namespace VMSeed.Disks.Tests.Formats.Vhd;

/// <summary>The disk's bytes and a footer.</summary>
public sealed class VhdFixedTests : VhdContractTests
{
    protected override VirtualDiskCreateOptions Options { get; } =
        new() { Format = DiskFormat.Vhd, Length = 0, Variant = "fixed" };
}
