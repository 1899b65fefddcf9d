namespace VMSeed.Disks.Tests.Formats.Qcow2;

/// <summary>Small clusters over a parent with a content.</summary>
public sealed class Qcow2BackedTests() : Qcow2BackedContract("v3", 4096);
