namespace VMSeed.Testing;

/// <summary>A folder of a test's own, gone with everything in it when the test ends.</summary>
public sealed class TempFolder : IDisposable
{
    /// <summary>Makes the folder.</summary>
    public TempFolder() => Root = Directory.CreateTempSubdirectory("vmseed-test-").FullName;

    /// <summary>The folder's absolute path.</summary>
    public string Root { get; }

    /// <summary>A path in the folder; nothing is made there.</summary>
    public string this[string name] => Path.Combine(Root, name);

    /// <summary>Writes a file in the folder.</summary>
    public string Write(string name, ReadOnlySpan<byte> content)
    {
        string path = this[name];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Root, recursive: true);
}
