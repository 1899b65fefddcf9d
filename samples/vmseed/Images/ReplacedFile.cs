using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Images;

/// <summary>A file that makes room for a new one of its name, and comes back unless that
/// succeeds.</summary>
/// <remarks>Meanwhile it is beside it as <c>.NAME.replaced</c>: whoever pulls the plug finds it
/// there.</remarks>
internal sealed class ReplacedFile : IDisposable
{
    private readonly string _path;
    private bool _isAside;

    private ReplacedFile(string path)
    {
        _path = path;
        Aside = Path.Join(Path.GetDirectoryName(path), $".{Path.GetFileName(path)}.replaced");
    }

    /// <summary>Where the old file is meanwhile.</summary>
    public string Aside { get; }

    /// <summary>Moves what is there aside; without force, refuses where something is.</summary>
    public static ReplacedFile Take(string path, bool force)
    {
        Check(path, force);
        ReplacedFile file = new(Path.GetFullPath(path));
        if (File.Exists(path))
        {
            File.Move(file._path, file.Aside, overwrite: true);
            file._isAside = true;
        }

        return file;
    }

    /// <summary>Refuses as <see cref="Take"/> does, and moves nothing.</summary>
    public static void Check(string path, bool force)
    {
        if (Directory.Exists(path) || (File.Exists(path) && !force))
        {
            throw new ToolException(ExitCode.Other, Directory.Exists(path)
                ? $"{path} is a folder; name a file that is not there yet."
                : $"{path} exists; --force overwrites it.");
        }
    }

    /// <summary>The new file is whole: the old one goes.</summary>
    public void Drop()
    {
        if (_isAside)
        {
            File.Delete(Aside);
            _isAside = false;
        }
    }

    public void Dispose()
    {
        if (_isAside)
        {
            File.Move(Aside, _path, overwrite: true);
            _isAside = false;
        }
    }
}
