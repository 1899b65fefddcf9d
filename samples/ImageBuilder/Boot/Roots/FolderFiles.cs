namespace VMSeed.ImageBuilder.Boot.Roots;

/// <summary>A root that lies in a local folder: what a tool has unpacked, or what is
/// mounted.</summary>
internal sealed class FolderFiles(string root) : RootFiles
{
    public override Task<IReadOnlyList<string>> ListAsync(
        string folder, CancellationToken cancellationToken)
    {
        DirectoryInfo place = new(Path.Join(root, folder));
        return Task.FromResult<IReadOnlyList<string>>(place.Exists && HasNoLink(folder)
            ? [.. place.EnumerateFileSystemInfos().Select(file => file.Name)]
            : []);
    }

    public override Task CopyAsync(
        IReadOnlyList<FileCopy> files, CancellationToken cancellationToken)
    {
        foreach (FileCopy file in files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (File.Exists(Path.Join(root, file.Path)) && HasNoLink(file.Path))
            {
                File.Copy(Path.Join(root, file.Path), file.Target, overwrite: true);
            }
        }

        return Task.CompletedTask;
    }

    // A link of a stranger's may lead to this machine's own files, which would then be published.
    private bool HasNoLink(string path)
    {
        string at = root;
        foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            at = Path.Join(at, name);
            if (new FileInfo(at).LinkTarget is not null)
            {
                return false;
            }
        }

        return true;
    }
}
