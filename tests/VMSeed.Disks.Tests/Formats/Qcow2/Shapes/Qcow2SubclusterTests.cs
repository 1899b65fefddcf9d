namespace VMSeed.Disks.Tests.Formats.Qcow2.Shapes;

/// <summary>Subclusters of a sector.</summary>
public sealed class Qcow2SubclusterTests : Qcow2Contract
{
    protected override VirtualDiskCreateOptions Shape => Make("extended_l2", 16 * 1024);
}
