using Microsoft.Win32.SafeHandles;
using VMSeed.Blocks.Devices.Files;

namespace VMSeed.Blocks.Publishing.Repositories;

/// <summary>A file that is either there whole and durable, or not there at all.</summary>
/// <remarks>
/// It is written under a temporary name in the repository, made durable, and renamed. What a crash
/// leaves behind has a name that begins with a dot, which no reader asks for and garbage collection
/// sweeps. The rename itself is durable once the folder is flushed, which
/// <see cref="RepositoryFolder.FlushFolders"/> does once for many files.
/// </remarks>
internal sealed class PendingFile : IDisposable
{
    /// <summary>How temporary names end.</summary>
    public const string TemporarySuffix = ".tmp";

    private readonly string _temporary;
    private bool _kept;

    /// <summary>Begins a file.</summary>
    /// <param name="folder">A folder of the same file system as its final place.</param>
    public PendingFile(string folder)
    {
        _temporary = Path.Join(folder, $".{Guid.NewGuid():N}{TemporarySuffix}");
        Handle = File.OpenHandle(
            _temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read);
    }

    public SafeFileHandle Handle { get; }

    /// <summary>A stream over the file, which stays open when the stream is closed.</summary>
    public Stream OpenStream() =>
        new FileStream(_temporary, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0);

    /// <summary>Makes the bytes durable and gives the file its name, in place of any that has
    /// it.</summary>
    public void Keep(string path)
    {
        DataSync.Flush(Handle);
        Handle.Dispose();
        File.Move(_temporary, path, overwrite: true);
        _kept = true;
    }

    /// <summary>Deletes the file unless it was kept.</summary>
    public void Dispose()
    {
        Handle.Dispose();
        if (!_kept)
        {
            File.Delete(_temporary);
        }
    }
}
