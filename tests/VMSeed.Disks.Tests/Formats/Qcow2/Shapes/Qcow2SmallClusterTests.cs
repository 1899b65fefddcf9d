namespace VMSeed.Disks.Tests.Formats.Qcow2.Shapes;

/// <summary>The smallest clusters: tables grow within one session.</summary>
public sealed class Qcow2SmallClusterTests : Qcow2Contract
{
    protected override VirtualDiskCreateOptions Shape => Make("v3,lazy_refcounts", 512);
}
