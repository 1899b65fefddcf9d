namespace VMSeed.Tool.Running;

/// <summary>A folder that only this user can enter, gone when it is disposed of.</summary>
/// <remarks>What protects the sockets in it: who can connect to a guest's disk or to its monitor
/// owns the guest.</remarks>
internal sealed class PrivateFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vmseed-run-");

    /// <summary>A path in it.</summary>
    public string this[string name] => Path.Join(_folder.FullName, name);

    public void Dispose() => _folder.Delete(recursive: true);
}
