namespace VMSeed.ImageBuilder.Boot.Roots;

/// <summary>A root that is a folder of a file system: a subvolume of btrfs.</summary>
internal sealed class SubvolumeFiles(RootFiles files, string folder) : RootFiles
{
    public override Task<IReadOnlyList<string>> ListAsync(
        string path, CancellationToken cancellationToken) =>
        files.ListAsync($"{folder}/{path}".TrimEnd('/'), cancellationToken);

    public override Task CopyAsync(
        IReadOnlyList<FileCopy> copies, CancellationToken cancellationToken) =>
        files.CopyAsync(
            [.. copies.Select(copy => copy with { Path = $"{folder}/{copy.Path}" })],
            cancellationToken);
}
