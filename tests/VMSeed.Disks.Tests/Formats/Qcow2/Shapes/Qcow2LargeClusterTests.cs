namespace VMSeed.Disks.Tests.Formats.Qcow2.Shapes;

/// <summary>The largest clusters.</summary>
public sealed class Qcow2LargeClusterTests : Qcow2Contract
{
    protected override VirtualDiskCreateOptions Shape => Make("v3,zstd", 2 << 20);
}
