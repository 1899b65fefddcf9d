namespace VMSeed.Disks.Tests.Formats.Parallels.Bundles;

/// <summary>Two parts, and nothing below.</summary>
public sealed class BundleCutTests() : BundleCutContract(snapshots: 0);
