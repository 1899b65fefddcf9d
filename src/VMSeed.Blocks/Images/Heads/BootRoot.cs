namespace VMSeed.Blocks.Images.Heads;

/// <summary>Where a root file system is.</summary>
/// <param name="Partition">The partition's number; 0 for the whole disk.</param>
/// <param name="FileSystem">The file system's type, as mount calls it.</param>
public sealed record BootRoot(int Partition, string FileSystem);
