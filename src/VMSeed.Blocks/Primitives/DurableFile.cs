namespace VMSeed.Blocks.Primitives;

// The order that survives a loss of power at any point: the bytes go to a second file, which is
// made durable; the second file takes the first one's name; the folder, which holds the name, is
// made durable. Whoever opens the name finds all of the old bytes or all of the new.

/// <summary>Replaces a small file whole.</summary>
internal static class DurableFile
{
    /// <summary>Replaces a file, or makes it; it is durable on return.</summary>
    /// <remarks>
    /// The caller sees to it that nobody else replaces the same file at the same time.
    /// </remarks>
    public static void Replace(string path, ReadOnlySpan<byte> bytes)
    {
        string next = path + ".tmp";
        using (FileStream stream = new(next, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            stream.Write(bytes);
            stream.Flush(flushToDisk: true);
        }

        File.Move(next, path, overwrite: true);
        DirectorySync.Flush(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }
}
