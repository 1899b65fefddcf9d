namespace VMSeed.Disks.Tests.Formats.Parallels;

/// <summary>Version 1 keeps the contract.</summary>
public sealed class ParallelsVersion1Tests() : ParallelsContract("v1", 1 << 20);
