namespace VMSeed.Disks.Tests.Formats.Qcow2;

/// <summary>Subclusters over a parent with a content.</summary>
public sealed class Qcow2BackedSubclusterTests() : Qcow2BackedContract("extended_l2");
