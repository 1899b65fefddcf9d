namespace VMSeed.Disks.Tests.Formats.Qcow2;

/// <summary>As we make them.</summary>
public sealed class Qcow2DataFileTests() : Qcow2DataFileContract(isRaw: false);
