using VMSeed.Blocks.Devices;

namespace VMSeed.Disks.Tests.Formats.Qcow2.Shapes;

/// <summary>Subclusters over a parent.</summary>
public sealed class Qcow2SubclusterChildTests : Qcow2Contract
{
    protected override VirtualDiskCreateOptions Shape => Make("extended_l2") with
    {
        Parent = new MemoryBlockDevice(3_000_320),
        ParentName = "parent",
    };
}
