using System.Text;

namespace VMSeed.ImageBuilder.Archives;

/// <summary>A cpio archive of the "newc" kind, which the kernel unpacks into its first root file
/// system.</summary>
/// <remarks>
/// The same entries make the same bytes, in whatever order they were added: they are written in the
/// ordinal order of their paths, of one owner (0:0) and one time (0). So the modules of a kernel
/// that has not changed are an object that is stored already. The format is documented in the
/// kernel's Documentation/driver-api/early-userspace/buffer-format.rst.
/// </remarks>
public sealed class CpioArchive
{
    private const int FolderMode = 0x41ED;      // 040755: folder, rwxr-xr-x
    private const int FileMode = 0x81A4;        // 0100644: regular file, rw-r--r--
    private const int ProgramMode = 0x81ED;     // 0100755: regular file, rwxr-xr-x
    private const int LinkMode = 0xA1FF;        // 0120777: symbolic link

    // A path goes in order before all that begin with it, so folders come before what they hold.
    private readonly SortedDictionary<string, CpioEntry> _entries = new(StringComparer.Ordinal);

    /// <summary>Adds a folder, and those that it lies in.</summary>
    /// <param name="path">Its path, such as <c>lib/modules</c>: relative, parted by
    /// slashes.</param>
    /// <exception cref="ArgumentException">The path is not of that form, or something else has
    /// it.</exception>
    public void AddFolder(string path)
    {
        AddFoldersOf(path);
        if (_entries.TryGetValue(path, out CpioEntry there) && there.Mode == FolderMode)
        {
            return;
        }

        Add(path, new CpioEntry(FolderMode, default));
    }

    /// <summary>Adds a file, and the folders that it lies in.</summary>
    /// <param name="path">Its path: relative, parted by slashes.</param>
    /// <param name="content">Its bytes; kept, not copied.</param>
    /// <param name="executable">Whether it is a program.</param>
    /// <exception cref="ArgumentException">The path is not of that form, or something else has
    /// it.</exception>
    public void AddFile(string path, ReadOnlyMemory<byte> content, bool executable = false)
    {
        AddFoldersOf(path);
        Add(path, new CpioEntry(executable ? ProgramMode : FileMode, content));
    }

    /// <summary>Adds a symbolic link, and the folders that it lies in.</summary>
    /// <param name="path">Its path: relative, parted by slashes.</param>
    /// <param name="target">What it says.</param>
    /// <exception cref="ArgumentException">The path is not of that form, or something else has
    /// it.</exception>
    public void AddLink(string path, string target)
    {
        ArgumentException.ThrowIfNullOrEmpty(target);
        AddFoldersOf(path);
        Add(path, new CpioEntry(LinkMode, Encoding.UTF8.GetBytes(target)));
    }

    /// <summary>Writes the archive.</summary>
    /// <param name="output">Where to; its position need not be known.</param>
    public void WriteTo(Stream output)
    {
        ArgumentNullException.ThrowIfNull(output);
        CpioWriter writer = new(output);
        foreach ((string path, CpioEntry entry) in _entries)
        {
            writer.Write(path, entry);
        }

        writer.End();
    }

    private void AddFoldersOf(string path)
    {
        Check(path);
        if (path.LastIndexOf('/') is > 0 and int slash)
        {
            AddFolder(path[..slash]);
        }
    }

    private void Add(string path, CpioEntry entry)
    {
        if (!_entries.TryAdd(path, entry))
        {
            throw new ArgumentException($"'{path}' is in the archive already.", nameof(path));
        }
    }

    private static void Check(string path)
    {
        if (string.IsNullOrEmpty(path)
            || path.Contains('\0', StringComparison.Ordinal)
            || path.Split('/').Any(part => part is "" or "." or ".."))
        {
            throw new ArgumentException(
                $"'{path}' is not a relative path of an archive.", nameof(path));
        }
    }
}
