namespace VMSeed.ImageBuilder.Archives;

/// <summary>What lies at a path of an archive.</summary>
/// <param name="Mode">Kind and permissions, as stat(2) has them.</param>
/// <param name="Content">A file's bytes, a link's target; nothing of a folder.</param>
internal readonly record struct CpioEntry(int Mode, ReadOnlyMemory<byte> Content);
