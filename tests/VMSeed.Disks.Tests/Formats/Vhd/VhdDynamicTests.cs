namespace VMSeed.Disks.Tests.Formats.Vhd;

/// <summary>A growing image with blocks of 2 MiB, and a geometry that is not exact.</summary>
public sealed class VhdDynamicTests : VhdContractTests;
