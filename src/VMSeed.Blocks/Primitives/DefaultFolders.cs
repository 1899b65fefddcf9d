namespace VMSeed.Blocks.Primitives;

/// <summary>Where a user's files of this kind belong when nothing else is said.</summary>
/// <remarks>XDG Base Directory Specification on Unix; the local application data on
/// Windows.</remarks>
public static class DefaultFolders
{
    private const string Name = "vmseed";

    /// <summary>For what can be fetched again: <c>$XDG_CACHE_HOME/vmseed</c>,
    /// <c>~/.cache/vmseed</c>.</summary>
    public static string Cache => Find("XDG_CACHE_HOME", ".cache", "cache");

    /// <summary>For what must outlive the cache: <c>$XDG_STATE_HOME/vmseed</c>,
    /// <c>~/.local/state/vmseed</c>.</summary>
    public static string State => Find("XDG_STATE_HOME", ".local/state", "state");

    private static string Find(string variable, string underHome, string underLocalData)
    {
        if (OperatingSystem.IsWindows())
        {
            return Path.Combine(
                Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData),
                Name,
                underLocalData);
        }

        string? root = Environment.GetEnvironmentVariable(variable);
        return Path.Combine(
            Path.IsPathFullyQualified(root ?? "")
                ? root!
                : Path.Combine(
                    Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), underHome),
            Name);
    }
}
