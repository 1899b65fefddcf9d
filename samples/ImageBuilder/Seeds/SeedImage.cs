using VMSeed.Blocks;
using VMSeed.Blocks.Trust;

namespace VMSeed.ImageBuilder.Seeds;

/// <summary>An image that a seed boots.</summary>
/// <param name="Disk">The image, opened: its head, kernel and modules are taken from it.</param>
/// <param name="Address">Where the guest will find its head: an address on the web, without its
/// key.</param>
/// <param name="Keys">Whose signatures the guest will accept; at least one.</param>
public sealed record SeedImage(LazyDisk Disk, Uri Address, IReadOnlyList<PublicKey> Keys)
{
    /// <summary>Roots of equal repositories that the guest will know beside those of the
    /// head.</summary>
    public IReadOnlyList<Uri> Mirrors { get; init; } = [];
}
