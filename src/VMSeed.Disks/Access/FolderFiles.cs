using VMSeed.Blocks;
using VMSeed.Blocks.Devices;
using VMSeed.Disks.Binary;

namespace VMSeed.Disks.Access;

/// <summary>Grants the files of an image's own folder, and of folders that the caller
/// names.</summary>
/// <remarks>
/// A link is followed before it is judged: one that leads out of the folder is refused like a path
/// that does. Names of Windows images are read with either slash.
/// </remarks>
public sealed class FolderFiles : FileResolver
{
    /// <summary>Links that are followed on the way to a file: 40, as Linux follows
    /// (path_resolution(7)).</summary>
    private const int MaxLinks = 40;

    private readonly string _folder;
    private readonly string[] _granted;

    /// <summary>Grants a folder, what lies below it, and others.</summary>
    /// <param name="folder">The image's folder: relative names start there.</param>
    /// <param name="granted">Other folders whose files may be opened, and what lies below
    /// them.</param>
    public FolderFiles(string folder, params IReadOnlyList<string> granted)
    {
        _folder = Path.GetFullPath(folder);
        _granted = [.. granted.Select(Path.GetFullPath)];
    }

    /// <inheritdoc/>
    public override ValueTask<ResolvedFile> OpenAsync(
        string name, FileAccess access, CancellationToken cancellationToken = default)
    {
        string path = Locate(name);
        try
        {
            FileBlockDevice device = FileBlockDevice.Open(
                path, access, share: access == FileAccess.Read ? FileShare.Read : FileShare.None);
            string folder = Path.GetDirectoryName(path)!;
            return new(new ResolvedFile(
                device, path, new FolderFiles(folder, [_folder, .. _granted])));
        }
        catch (Exception failure)
            when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DiskFormatException(
                DiskFault.MissingFile,
                $"The image asks for the file '{name}': it does not exist.",
                failure)
            {
                FileName = name,
            };
        }
    }

    /// <inheritdoc/>
    public override ValueTask<BlockDevice> CreateAsync(
        string name, CancellationToken cancellationToken = default) =>
        new(FileBlockDevice.Create(Locate(name), 0));

    /// <inheritdoc/>
    public override async ValueTask ReplaceAsync(
        string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        string path = Locate(name);
        string fresh = Locate(name + ".new");
        File.Delete(fresh); // Of a replacement that was cut off.
        FileBlockDevice file = FileBlockDevice.Create(fresh, content.Length);
        await using (file.ConfigureAwait(false))
        {
            await file.WriteAsync(0, content, cancellationToken).ConfigureAwait(false);
            await file.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        File.Move(fresh, path, overwrite: true);
    }

    /// <summary>The folder.</summary>
    /// <returns>Its path.</returns>
    public override string ToString() => _folder;

    private string Locate(string name)
    {
        if (name.Length == 0 || name.Contains('\0', StringComparison.Ordinal))
        {
            throw Denied(name, "that is no name of a file");
        }

        string native = Path.DirectorySeparatorChar == '/' ? name.Replace('\\', '/') : name;
        string path = Path.GetFullPath(native, _folder);
        string real = RealPath(path);
        if (!IsWithin(_folder, real) && !_granted.Any(folder => IsWithin(folder, real)))
        {
            throw Denied(
                name,
                $"it lies outside of {_folder}; name its folder in a FolderFiles of "
                + "VirtualDiskOptions.Files to grant it");
        }

        return path;
    }

    private static bool IsWithin(string folder, string path)
    {
        string real = RealPath(folder);
        return path.StartsWith(
            real.EndsWith(Path.DirectorySeparatorChar) ? real : real + Path.DirectorySeparatorChar,
            StringComparison.Ordinal);
    }

    // Links anywhere on the way count, and links that links lead to.
    private static string RealPath(string path, int links = 0)
    {
        if (Path.GetDirectoryName(path) is not { } parent)
        {
            return path;
        }

        string folder = RealPath(parent, links);
        string here = Path.Join(folder, Path.GetFileName(path));
        if (new FileInfo(here).LinkTarget is not { } target)
        {
            return here;
        }

        return links < MaxLinks
            ? RealPath(Path.GetFullPath(target, folder), links + 1)
            : throw Denied(path, $"more than {MaxLinks} links lead to it");
    }
}
