namespace VMSeed.Disks.Tests.Formats.Qcow2;

/// <summary>As old QEMUs made them.</summary>
public sealed class Qcow2RawDataFileTests() : Qcow2DataFileContract(isRaw: true);
