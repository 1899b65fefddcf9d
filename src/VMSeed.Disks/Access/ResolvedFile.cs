using VMSeed.Blocks;

namespace VMSeed.Disks.Access;

/// <summary>A file that a resolver has opened.</summary>
/// <param name="Device">Its bytes; whoever asked for the file disposes of it.</param>
/// <param name="Name">Its full name: what tells two files apart, and a chain that has come round to
/// itself.</param>
/// <param name="Files">What the file itself may open, should it be an image too.</param>
public sealed record ResolvedFile(BlockDevice Device, string Name, FileResolver Files);
