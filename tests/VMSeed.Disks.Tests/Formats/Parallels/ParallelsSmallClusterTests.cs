namespace VMSeed.Disks.Tests.Formats.Parallels;

/// <summary>Clusters of 12 KiB, no power of two, keep the contract.</summary>
public sealed class ParallelsSmallClusterTests() : ParallelsContract("v1", 12 << 10);
