namespace VMSeed.Disks.Drivers;

/// <summary>Opens an image's parent as an image of its own, read-only.</summary>
/// <remarks>Chains that come round to themselves, or go deeper than
/// <see cref="VirtualDiskOptions.GreatestDepth"/>, end in an error.</remarks>
internal abstract class ParentOpener
{
    /// <summary>Opens the first of the names that exists.</summary>
    /// <param name="names">The parent's names as the image spells them, the best first.</param>
    /// <param name="format">Its format, where the image says so.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    /// <returns>The parent.</returns>
    public abstract ValueTask<OpenedParent> OpenAsync(
        IReadOnlyList<string> names, DiskFormat? format, CancellationToken cancellationToken);
}
