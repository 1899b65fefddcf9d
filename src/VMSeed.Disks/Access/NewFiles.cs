using VMSeed.Blocks;
using VMSeed.Blocks.Devices;

namespace VMSeed.Disks.Access;

/// <summary>The files of an image that is being made: all that were made are removed, unless they
/// are kept.</summary>
internal sealed class NewFiles : FileResolver, IDisposable
{
    private readonly FileResolver _beside;
    private readonly bool _flushOnce;
    private readonly string? _folder;
    private readonly List<string> _made = [];
    private bool _hasFolder;
#pragma warning disable CA2213 // Whoever opens it closes it.
    private BlockDevice? _main;
#pragma warning restore CA2213

    /// <summary>Names the image.</summary>
    /// <param name="path">Its file, where nothing may be yet; others of its are made
    /// beside it.</param>
    /// <param name="folderFile">For an image that is a folder, the file in it that stands for it;
    /// else null.</param>
    /// <param name="flushOnce">Whether nobody relies on the files before they are closed.</param>
    public NewFiles(string path, string? folderFile, bool flushOnce)
    {
        Path = System.IO.Path.GetFullPath(path);
        if (folderFile is not null)
        {
            _folder = Path;
            Path = System.IO.Path.Join(Path, folderFile);
        }

        _beside = new FolderFiles(System.IO.Path.GetDirectoryName(Path)!);
        _flushOnce = flushOnce;
    }

    /// <summary>Takes an empty file on which nobody relies before it is closed.</summary>
    /// <param name="main">The file, which is not removed in any case.</param>
    public NewFiles(BlockDevice main)
    {
        _beside = None;
        _flushOnce = true;
        _main = main;
    }

    /// <summary>The image's full path; null where it has none.</summary>
    public string? Path { get; }

    /// <summary>Whether everything is written: only then does closing the files wait for the
    /// disk.</summary>
    public bool IsWritten { get; set; }

    /// <summary>Makes the image's own file.</summary>
    public BlockDevice OpenMain()
    {
        if (_main is null)
        {
            MakeFolder();
            _main = FileBlockDevice.Create(Path!, 0);
            _made.Add(Path!);
        }

        return Wrap(_main);
    }

    /// <summary>The image is whole, and its files are closed: they stay.</summary>
    public void Keep()
    {
        _made.Clear();
        _hasFolder = false;
    }

    /// <summary>Removes the files that were made, unless they were kept.</summary>
    public void Dispose()
    {
        _made.ForEach(File.Delete);
        _made.Clear();
        if (_hasFolder)
        {
            Directory.Delete(_folder!);
            _hasFolder = false;
        }
    }

    /// <inheritdoc/>
    public override ValueTask<ResolvedFile> OpenAsync(
        string name, FileAccess access, CancellationToken cancellationToken = default) =>
        _beside.OpenAsync(name, access, cancellationToken);

    /// <inheritdoc/>
    public override async ValueTask<BlockDevice> CreateAsync(
        string name, CancellationToken cancellationToken = default)
    {
        BlockDevice file = await _beside.CreateAsync(name, cancellationToken).ConfigureAwait(false);
        _made.Add(file.ToString()!);
        return Wrap(file);
    }

    private void MakeFolder()
    {
        if (_folder is null)
        {
            return;
        }

        if (Directory.Exists(_folder) || File.Exists(_folder))
        {
            throw new IOException($"{_folder} exists; a new bundle is a new folder.");
        }

        Directory.CreateDirectory(_folder);
        _hasFolder = true;
    }

    private BlockDevice Wrap(BlockDevice file) => _flushOnce ? new NewFile(file, this) : file;
}
