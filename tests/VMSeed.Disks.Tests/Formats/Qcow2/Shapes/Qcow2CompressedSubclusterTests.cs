namespace VMSeed.Disks.Tests.Formats.Qcow2.Shapes;

/// <summary>Compressed clusters that become subclusters.</summary>
public sealed class Qcow2CompressedSubclusterTests : Qcow2StoredContract
{
    protected override string QemuOptions => "extended_l2=on,compression_type=zstd";
}
