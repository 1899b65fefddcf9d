namespace VMSeed.Disks.Tests.Formats.Qcow2.Shapes;

/// <summary>As QEMU makes them by default.</summary>
public sealed class Qcow2V3Tests : Qcow2Contract
{
    protected override VirtualDiskCreateOptions Shape => Make("v3");
}
