namespace VMSeed.Testing;

/// <summary>A folder that is gone when the test is over.</summary>
public sealed class TemporaryFolder : IDisposable
{
    /// <summary>Where it lies.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("vmseed-test-").FullName;

    /// <summary>Stores a file, and the folders that it lies in.</summary>
    public void Write(string name, ReadOnlySpan<byte> bytes)
    {
        string path = System.IO.Path.Join(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Path, recursive: true);
}
