namespace VMSeed.ImageBuilder.BootDisk;

/// <summary>What goes onto a boot partition: files of this machine, by their paths there, in the
/// order in which a boot reads them.</summary>
internal sealed class BootFiles
{
    private readonly List<(string Title, string Source, string Path)> _files = [];

    /// <summary>Adds a file.</summary>
    /// <param name="title">What it is.</param>
    /// <param name="source">The file.</param>
    /// <param name="path">Its path there, such as <c>/grub/grub.cfg</c>.</param>
    public void Add(string title, string source, string path) =>
        _files.Add((title, source, path));

    /// <summary>What each file weighs, in bytes.</summary>
    public IEnumerable<(string Title, long Length)> Weigh() =>
        _files.Select(file => (file.Title, new FileInfo(file.Source).Length));

    /// <summary>Writes all to an empty volume.</summary>
    public async Task WriteAsync(FatVolume volume, CancellationToken cancellationToken)
    {
        // Folders first: their clusters then lie together before all files.
        foreach (string folder in _files
            .SelectMany(file => FoldersOf(file.Path))
            .Distinct(StringComparer.OrdinalIgnoreCase))
        {
            await volume.MakeFolderAsync(folder, cancellationToken);
        }

        foreach ((_, string source, string path) in _files)
        {
            await volume.CopyAsync(source, path, cancellationToken);
        }
    }

    private static IEnumerable<string> FoldersOf(string path)
    {
        for (int slash = path.IndexOf('/', 1); slash > 0; slash = path.IndexOf('/', slash + 1))
        {
            yield return path[..slash];
        }
    }
}
