namespace VMSeed.Disks.Archives;

/// <summary>A file in an archive.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Length">Its size with its holes, in bytes.</param>
/// <param name="Regions">What of it the archive holds, in order.</param>
internal sealed record TarMember(string Name, long Length, IReadOnlyList<TarRegion> Regions);
