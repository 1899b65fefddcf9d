using System.Globalization;
using VMSeed.Blocks.Images;
using VMSeed.Blocks.Images.Heads;
using VMSeed.Blocks.Publishing.Repositories;
using VMSeed.Blocks.Trust;

namespace VMSeed.Blocks.Publishing.Heads;

/// <summary>The heads of one image, as their publisher reads and writes them.</summary>
internal sealed class HeadStore(RepositoryFolder folder, string name)
{
    /// <summary>The file of the newest version's head.</summary>
    public string NewestPath => folder.Locate(RepositoryPaths.Head(name));

    public string VersionFolder => folder.Locate(RepositoryPaths.VersionFolder(name));

    public string VersionPath(long version) =>
        folder.Locate(RepositoryPaths.VersionHead(name, version));

    /// <summary>Reads the newest head, or null where the image was never published.</summary>
    /// <exception cref="InvalidDataException">The head is damaged.</exception>
    public ImageHead? ReadNewest() => File.Exists(NewestPath) ? Read(NewestPath).Head : null;

    /// <summary>Reads a head's file; nobody's signature is asked for.</summary>
    /// <exception cref="InvalidDataException">The head is damaged, or not of this
    /// image.</exception>
    public (ImageHead Head, SignedText Text) Read(string path)
    {
        try
        {
            CheckSize(path);
            SignedText text = SignedText.Split(File.ReadAllBytes(path), path);
            ImageHead head = HeadJson.Read(text.Body.Span);
            return head.Name == name
                ? (head, text)
                : throw new InvalidDataException($"It is the head of '{head.Name}'.");
        }
        catch (Exception fault)
            when (fault is InvalidDataException or Primitives.BlockIOException)
        {
            throw new InvalidDataException(
                $"The head {path} is damaged: {fault.Message} Put it back from a mirror or a "
                + $"backup, or from {VersionFolder}.",
                fault);
        }
    }

    /// <summary>The versions whose heads are kept, growing.</summary>
    public IReadOnlyList<long> Versions()
    {
        if (!Directory.Exists(VersionFolder))
        {
            return [];
        }

        var versions = new List<long>();
        foreach (string file in Directory.EnumerateFiles(VersionFolder))
        {
            string text = Path.GetFileNameWithoutExtension(file);
            if (Path.GetExtension(file) == RepositoryPaths.HeadSuffix
                && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture,
                    out long version)
                && text == version.ToString(CultureInfo.InvariantCulture))
            {
                versions.Add(version);
            }
        }

        versions.Sort();
        return versions;
    }

    /// <summary>The highest version whose head is kept; 0 for none.</summary>
    public long LastVersion() => Versions() is [.., long last] ? last : 0;

    /// <summary>Makes a head the newest: first its own version's file, then the one that readers
    /// ask for.</summary>
    public void Write(long version, ReadOnlySpan<byte> file)
    {
        folder.Write(VersionPath(version), file);
        folder.FlushFolders();
        folder.Write(NewestPath, file);
        folder.FlushFolders();
    }

    private static void CheckSize(string path)
    {
        long length = new FileInfo(path).Length;
        if (length > SignedText.MaxFileSize)
        {
            throw new InvalidDataException(
                $"It has {length} bytes; the limit is {SignedText.MaxFileSize}.");
        }
    }
}
