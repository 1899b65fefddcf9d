namespace VMSeed.Disks.Tests.Formats.Qcow2.Shapes;

/// <summary>Version 2, where no entry says that a cluster is zeros.</summary>
public sealed class Qcow2V2Tests : Qcow2Contract
{
    protected override VirtualDiskCreateOptions Shape => Make("v2", 4096);
}
