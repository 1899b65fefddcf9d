using VMSeed.Blocks.Images.Heads;
using VMSeed.Blocks.Publishing;
using VMSeed.ImageBuilder.Boot;

namespace VMSeed.Tool.Publishing;

/// <summary>What is published beside a disk, so that it boots.</summary>
/// <param name="Pack">What was taken out for it; null where every file was given.</param>
/// <param name="Files">The files.</param>
/// <param name="Root">Where the root file system is.</param>
/// <param name="Arguments">What the kernel's command line needs.</param>
internal sealed record BootFiles(
    BootPack? Pack,
    IReadOnlyList<BootFileSource> Files,
    BootRoot? Root,
    string? Arguments) : IDisposable
{
    public void Dispose() => Pack?.Dispose();
}
