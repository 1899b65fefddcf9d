using VMSeed.Blocks.Devices;

namespace VMSeed.Disks.Tests.Formats.Qcow2.Shapes;

/// <summary>Over a parent that is shorter than the disk.</summary>
public sealed class Qcow2ChildTests : Qcow2Contract
{
    protected override VirtualDiskCreateOptions Shape => Make("v3") with
    {
        Parent = new MemoryBlockDevice(3_000_320),
        ParentName = "parent",
    };
}
