using System.CommandLine;

namespace VMSeed.Tool.CommandLine;

/// <summary>Options that mean the same at every verb that has them.</summary>
internal static class SharedOptions
{
    /// <summary>Told before or after the verb.</summary>
    public static Option<bool> Verbose { get; } = new("--verbose", "-v")
    {
        Description = "Tell what happens, and where errors come from.",
        Recursive = true,
    };

    public static Option<bool> Json { get; } = new("--json")
    {
        Description = "Report as JSON on the standard output.",
    };

    public static Option<bool> Quiet { get; } = new("--quiet", "-q")
    {
        Description = "No progress bar, no summary.",
    };

    public static Option<bool> Force { get; } = new("--force", "-f")
    {
        Description = "Overwrite what is there.",
    };
}
