using System.Reflection;
using Xunit;

namespace VMSeed.Testing;

/// <summary>Skips a test where what it needs is not on this machine, and says what that
/// is.</summary>
/// <remarks>
/// test.sh installs every tool of eng/tools.txt and then sets VMSEED_REQUIRE_TOOLS=1: a tool that
/// is still missing is a failure, so that no test is left out in silence.
/// </remarks>
public static class Need
{
    private static readonly Dictionary<string, string> Packages = ReadPackages();

    private static bool ToolsAreRequired =>
        Environment.GetEnvironmentVariable("VMSEED_REQUIRE_TOOLS") == "1";

    /// <summary>Finds a program.</summary>
    /// <returns>Its full path.</returns>
    public static string Tool(string name)
    {
        // Debian keeps administrators' programs off the path of other users.
        string search = Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin";
        string? found = search.Split(':')
            .Select(folder => Path.Join(folder, name))
            .FirstOrDefault(File.Exists);
        if (found is null)
        {
            string package = Packages.GetValueOrDefault(name, name);
            Refuse($"{name} is not installed; it is in the package {package}.");
        }

        return found!;
    }

    /// <summary>Asks for a kernel with FUSE, and for the right to mount.</summary>
    public static void Fuse()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "FUSE is spoken on Linux only.");
        Assert.SkipUnless(File.Exists("/dev/fuse"), "/dev/fuse is missing: no FUSE in the kernel.");
        if (!Environment.IsPrivilegedProcess)
        {
            Tool("fusermount3");
        }
    }

    /// <summary>Asks for root: no package gives it, so its absence never fails a test.</summary>
    public static void Root() =>
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root may do this.");

    private static void Refuse(string reason)
    {
        Assert.SkipUnless(ToolsAreRequired, reason);
        Assert.Fail(reason);
    }

    private static Dictionary<string, string> ReadPackages()
    {
        using StreamReader reader = new(
            Assembly.GetExecutingAssembly().GetManifestResourceStream("tools.txt")!);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line[0] != '#')
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .ToDictionary(words => words[0], words => words[1]);
    }
}
