using System.Text.Json;

namespace VMSeed.Gslb.Networks;

/// <summary>A small file that is replaced whole.</summary>
/// <remarks>Each writer has a temporary name of its own and renames, so that whoever opens the file
/// finds all of one writer's bytes: of two processes the last one wins. Nothing is forced onto the
/// disk: after a loss of power the file may be empty, and the next start begins with a race, as the
/// first one did.</remarks>
/// <param name="path">The file.</param>
internal sealed class MemoryFile(string path)
{
    // What the rules of the book allow is less; anything larger was written by somebody else.
    private const int Most = 1 << 20;

    // A file that a process left behind when it was killed between writing and renaming.
    private static readonly TimeSpan _abandonedAfter = TimeSpan.FromHours(1);

    /// <summary>The file.</summary>
    public string Path => path;

    /// <summary>Reads it.</summary>
    /// <returns>What it says, not yet checked; empty where there is none.</returns>
    /// <exception cref="JsonException">It is not of the form that is written here.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public SavedMemory Read()
    {
        if (!File.Exists(path))
        {
            return SavedMemory.Empty;
        }

        byte[] bytes = new byte[Most + 1];
        int length;
        using (FileStream stream = new(
            path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
        {
            length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        }

        if (length > Most)
        {
            throw new JsonException($"it is longer than {Most} bytes");
        }

        SavedMemory? memory = JsonSerializer.Deserialize(
            bytes.AsSpan(0, length), SavedMemoryContext.Default.SavedMemory);
        return memory is { Version: SavedMemory.Current }
            && memory.Networks.All(network => network?.Mirrors.All(x => x is not null) == true)
            ? memory
            : throw new JsonException($"it is not of version {SavedMemory.Current}");
    }

    /// <summary>Replaces it.</summary>
    /// <param name="memory">What it shall say.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public void Replace(SavedMemory memory)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        string next = $"{path}.{System.IO.Path.GetRandomFileName()}.tmp";
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            // Which repositories somebody reads, and where, is nobody else's concern.
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            using (FileStream stream = new(next, options))
            {
                JsonSerializer.Serialize(stream, memory, SavedMemoryContext.Default.SavedMemory);
            }

            File.Move(next, path, overwrite: true);
        }
        catch
        {
            File.Delete(next);
            throw;
        }

        RemoveAbandoned();
    }

    // By the clock that stamps files, which need not be this machine's.
    private void RemoveAbandoned()
    {
        DateTime now = File.GetLastWriteTimeUtc(path);
        foreach (string left in Directory.EnumerateFiles(
            System.IO.Path.GetDirectoryName(path)!, $"{System.IO.Path.GetFileName(path)}.*.tmp"))
        {
            if (now - File.GetLastWriteTimeUtc(left) > _abandonedAfter)
            {
                File.Delete(left);
            }
        }
    }
}
