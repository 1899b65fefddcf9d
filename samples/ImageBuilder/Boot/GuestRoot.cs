using VMSeed.Blocks.Images.Heads;
using VMSeed.ImageBuilder.Boot.Roots;

namespace VMSeed.ImageBuilder.Boot;

/// <summary>The root file system of a guest, found and ready to be read.</summary>
/// <param name="Place">Where it is.</param>
/// <param name="Files">Its files.</param>
internal sealed record GuestRoot(BootRoot Place, RootFiles Files)
{
    /// <summary>What the kernel's command line needs to find it.</summary>
    public string? Arguments { get; init; }

    /// <summary>Kernels that lie beside the root: copies in local files.</summary>
    public IReadOnlyList<string> Kernels { get; init; } = [];
}
