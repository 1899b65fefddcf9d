namespace VMSeed.Disks.Tests.Formats.Qcow2;

/// <summary>Version 2, where no entry says zeros, over a parent with a content.</summary>
public sealed class Qcow2BackedV2Tests() : Qcow2BackedContract("v2");
