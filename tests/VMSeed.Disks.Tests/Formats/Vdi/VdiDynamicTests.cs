namespace VMSeed.Disks.Tests.Formats.Vdi;

/// <summary>A growing image.</summary>
public sealed class VdiDynamicTests : VdiContractTests;
