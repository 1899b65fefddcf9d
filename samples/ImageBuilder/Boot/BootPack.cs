using VMSeed.Blocks.Images.Heads;
using VMSeed.Blocks.Publishing;
using VMSeed.ImageBuilder.Tools;

namespace VMSeed.ImageBuilder.Boot;

/// <summary>What boots an image, in local files: they are there until it is disposed of.</summary>
public sealed class BootPack : IDisposable
{
    private readonly WorkFolder _work;

    internal BootPack(WorkFolder work) => _work = work;

    /// <summary>The kernel and its modules, to be published.</summary>
    public required IReadOnlyList<BootFileSource> Files { get; init; }

    /// <summary>Where the root file system is.</summary>
    /// <value>Null where nobody has looked: the modules came from a folder.</value>
    public BootRoot? Root { get; init; }

    /// <summary>What the kernel's command line needs to find the root.</summary>
    public string? Arguments { get; init; }

    /// <summary>What <c>uname -r</c> says in the kernel.</summary>
    public required string Release { get; init; }

    /// <summary>Drivers of a seed's that the kernel does not have at all.</summary>
    public required IReadOnlyList<string> UnknownDrivers { get; init; }

    /// <summary>Removes the files.</summary>
    public void Dispose() => _work.Dispose();
}
