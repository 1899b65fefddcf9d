namespace VMSeed.Disks.Tests.Formats.Parallels.Bundles;

/// <summary>Two parts over two snapshots, which stay as they are.</summary>
public sealed class BundleSnapshotCutTests() : BundleCutContract(snapshots: 2);
