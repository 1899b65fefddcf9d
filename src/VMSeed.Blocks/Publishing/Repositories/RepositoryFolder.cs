using VMSeed.Blocks.Images;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Publishing.Repositories;

/// <summary>A repository as its publisher has it: a local folder.</summary>
internal sealed class RepositoryFolder
{
    private const string ObjectFolderName = "objects";
    private const string ImageFolderName = "images";
    private const string PrivateFolderName = ".vmseed";

    private readonly HashSet<string> _changed = [];
    private readonly Lock _gate = new();

    private readonly TimeProvider _time;

    private RepositoryFolder(string root, TimeProvider time)
    {
        Root = root;
        _time = time;
    }

    public string Root { get; }

    public string ObjectFolder => Path.Join(Root, ObjectFolderName);

    public string ImageFolder => Path.Join(Root, ImageFolderName);

    /// <summary>Locks and the table of blocks.</summary>
    public string PrivateFolder => Path.Join(Root, PrivateFolderName);

    /// <summary>Opens a repository, and makes one where nothing is yet.</summary>
    public static RepositoryFolder Create(string path, TimeProvider time)
    {
        var folder = new RepositoryFolder(Path.GetFullPath(path), time);
        folder.MakeFolder(folder.Root);
        folder.MakeFolder(folder.ObjectFolder);
        folder.MakeFolder(folder.ImageFolder);
        folder.MakeFolder(folder.PrivateFolder);
        return folder;
    }

    /// <summary>Opens a repository that is there, to change it.</summary>
    /// <exception cref="DirectoryNotFoundException">It is not.</exception>
    public static RepositoryFolder Open(string path, TimeProvider time)
    {
        RepositoryFolder folder = OpenToRead(path, time);
        folder.MakeFolder(folder.PrivateFolder);
        return folder;
    }

    /// <summary>Opens a repository that is there, and leaves it as it is.</summary>
    /// <exception cref="DirectoryNotFoundException">It is not.</exception>
    public static RepositoryFolder OpenToRead(string path, TimeProvider time)
    {
        var folder = new RepositoryFolder(Path.GetFullPath(path), time);
        if (!Directory.Exists(folder.ImageFolder) || !Directory.Exists(folder.ObjectFolder))
        {
            throw new DirectoryNotFoundException(
                $"{folder.Root} is no repository: it has no folders "
                + $"'{ImageFolderName}' and '{ObjectFolderName}'.");
        }

        return folder;
    }

    /// <summary>The names of all images that have a newest head, in order.</summary>
    public IReadOnlyList<string> Images() =>
        Directory.EnumerateFiles(ImageFolder, "*" + RepositoryPaths.HeadSuffix)
            .Select(file => Path.GetFileNameWithoutExtension(file))
            .Where(name => RepositoryPaths.IsImageName(name))
            .Order(StringComparer.Ordinal)
            .ToArray();

    /// <summary>The names of all objects.</summary>
    public IEnumerable<Digest> Objects()
    {
        foreach (string file in Directory.EnumerateDirectories(ObjectFolder)
            .SelectMany(Directory.EnumerateFiles))
        {
            if (Digest.TryParse(Path.GetFileName(file.AsSpan()), out Digest digest)
                && file == LocateObject(digest))
            {
                yield return digest;
            }
        }
    }

    /// <summary>The absolute path of a file of the repository.</summary>
    public string Locate(string relative) => Path.Join(Root, relative);

    public string LocateObject(Digest digest) => Locate(RepositoryPaths.Object(digest));

    /// <summary>Makes a folder and remembers that its name is to be made durable.</summary>
    public void MakeFolder(string path)
    {
        if (!Directory.Exists(path))
        {
            Directory.CreateDirectory(path);
            MarkChanged(Path.GetDirectoryName(path) ?? path);
        }
    }

    /// <summary>Gives a finished file its place; durable after
    /// <see cref="FlushFolders"/>.</summary>
    public void Keep(PendingFile file, string path)
    {
        string folder = Path.GetDirectoryName(path)!;
        MakeFolder(folder);
        file.Keep(path);
        MarkChanged(folder);
    }

    /// <summary>Writes a file whole, in place of any that has its name.</summary>
    public void Write(string path, ReadOnlySpan<byte> content)
    {
        using var file = new PendingFile(PrivateFolder);
        RandomAccess.Write(file.Handle, content, 0);
        Keep(file, path);
    }

    /// <summary>Renews the age of an object that is there already, for garbage
    /// collection.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="content">What it must hold; an object that rotted on the disk is none.</param>
    /// <returns>False when it is not there.</returns>
    public bool TryRenew(string path, ReadOnlySpan<byte> content)
    {
        if (!File.Exists(path) || !content.SequenceEqual(File.ReadAllBytes(path)))
        {
            return false;
        }

        Renew(path);
        return true;
    }

    /// <summary>Makes an object young.</summary>
    public void Renew(string path) =>
        File.SetLastWriteTimeUtc(path, _time.GetUtcNow().UtcDateTime);

    /// <summary>Notes that entries of a folder were made, renamed or deleted.</summary>
    public void MarkChanged(string folder)
    {
        lock (_gate)
        {
            _changed.Add(folder);
        }
    }

    /// <summary>Makes all renames and deletions so far durable.</summary>
    public void FlushFolders()
    {
        string[] folders;
        lock (_gate)
        {
            folders = [.. _changed];
            _changed.Clear();
        }

        Array.ForEach(folders, DirectorySync.Flush);
    }
}
