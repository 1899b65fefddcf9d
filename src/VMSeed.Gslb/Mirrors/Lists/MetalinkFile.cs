namespace VMSeed.Gslb.Mirrors.Lists;

/// <summary>A file as a Metalink describes it.</summary>
/// <param name="Name">Its name: a relative path without steps upwards.</param>
public sealed record MetalinkFile(string Name)
{
    /// <summary>Its size in bytes; null where it is not told.</summary>
    public long? Size { get; init; }

    /// <summary>Its hashes in lower-case hexadecimal digits, by their names in IANA's registry,
    /// such as <c>sha-256</c>.</summary>
    public IReadOnlyDictionary<string, string> Hashes { get; init; } =
        new Dictionary<string, string>();

    /// <summary>Where it is: http and https addresses of the file itself, those of the first
    /// priority first.</summary>
    public IReadOnlyList<Mirror> Addresses { get; init; } = [];
}
