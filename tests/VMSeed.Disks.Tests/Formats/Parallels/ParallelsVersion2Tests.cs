namespace VMSeed.Disks.Tests.Formats.Parallels;

/// <summary>Version 2 keeps the contract.</summary>
public sealed class ParallelsVersion2Tests() : ParallelsContract("v2", 1 << 20);
