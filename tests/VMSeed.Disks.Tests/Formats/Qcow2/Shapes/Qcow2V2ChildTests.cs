using VMSeed.Blocks.Devices;

namespace VMSeed.Disks.Tests.Formats.Qcow2.Shapes;

/// <summary>Version 2 over a parent: zeros have to be stored.</summary>
public sealed class Qcow2V2ChildTests : Qcow2Contract
{
    protected override VirtualDiskCreateOptions Shape => Make("v2") with
    {
        Parent = new MemoryBlockDevice(3_000_320),
        ParentName = "parent",
    };
}
