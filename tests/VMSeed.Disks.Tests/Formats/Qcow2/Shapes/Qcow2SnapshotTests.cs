namespace VMSeed.Disks.Tests.Formats.Qcow2.Shapes;

/// <summary>Clusters and tables that a snapshot has too.</summary>
public sealed class Qcow2SnapshotTests : Qcow2StoredContract
{
    protected override bool HasSnapshot => true;
}
