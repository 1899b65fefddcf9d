namespace VMSeed.ImageBuilder.Tools;

/// <summary>A folder for files on the way, which goes with all that is in it.</summary>
internal sealed class WorkFolder : IDisposable
{
    /// <summary>The folder.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("vmseed-").FullName;

    /// <summary>The path of a file in it.</summary>
    public string this[string name] => System.IO.Path.Join(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
