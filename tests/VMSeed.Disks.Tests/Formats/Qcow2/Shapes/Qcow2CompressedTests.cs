namespace VMSeed.Disks.Tests.Formats.Qcow2.Shapes;

/// <summary>Compressed clusters that share clusters of the file, and are let go one by
/// one.</summary>
public sealed class Qcow2CompressedTests : Qcow2StoredContract;
