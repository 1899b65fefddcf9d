namespace VMSeed.Disks.Tests.Formats.Qcow2.Shapes;

/// <summary>Subclusters that a snapshot has too.</summary>
public sealed class Qcow2SubclusterSnapshotTests : Qcow2StoredContract
{
    protected override string QemuOptions => "extended_l2=on";

    protected override bool HasSnapshot => true;
}
