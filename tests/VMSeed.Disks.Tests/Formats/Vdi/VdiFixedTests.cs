namespace VMSeed.Disks.Tests.Formats.Vdi;

/// <summary>An image that has all its blocks.</summary>
public sealed class VdiFixedTests : VdiContractTests
{
    protected override VirtualDiskCreateOptions Options { get; } =
        new() { Format = DiskFormat.Vdi, Length = 0, Variant = "fixed" };
}
