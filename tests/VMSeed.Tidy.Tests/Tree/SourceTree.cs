using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace VMSeed.Tidy.Tests.Tree;

/// <summary>The files that the rules look at: the repository's, or a few made up by a
/// test.</summary>
internal sealed class SourceTree(IReadOnlyList<SourceFile> files)
{
    private static readonly string[] Binary = [".png", ".gz", ".zst", ".img", ".bin", ".ico"];

    private static readonly Lazy<SourceTree> Repository = new(ReadRepository);

    public static SourceTree OfRepository => Repository.Value;

    public IReadOnlyList<SourceFile> Files => files;

    /// <summary>Everything that is compiled.</summary>
    public IEnumerable<SourceFile> Code => files.Where(f => f.IsCode);

    /// <summary>What users read: the libraries and the samples.</summary>
    public IEnumerable<SourceFile> Product => Code.Where(f => IsUnder(f, "src", "samples"));

    /// <summary>The libraries alone.</summary>
    public IEnumerable<SourceFile> Libraries => Code.Where(f => IsUnder(f, "src"));

    public static SourceTree Of(params (string Path, string Text)[] files) =>
        new([.. files.Select(f => new SourceFile(f.Path, f.Text))]);

    public bool Exists(string path) => path.Length == 0 || files.Any(f =>
        f.Path == path || f.Path.StartsWith(path.TrimEnd('/') + "/", StringComparison.Ordinal));

    private static bool IsUnder(SourceFile file, params string[] roots) =>
        roots.Any(root => file.Path.StartsWith(root + "/", StringComparison.Ordinal));

    private static SourceTree ReadRepository()
    {
        string root = FindRoot();
        IEnumerable<string> paths = ListFiles(root)
            .Where(p => !Binary.Contains(Path.GetExtension(p)))
            .Where(p => File.Exists(Path.Combine(root, p)));
        return new([.. paths.Select(p =>
            new SourceFile(p, File.ReadAllText(Path.Combine(root, p))))]);
    }

    private static string FindRoot([CallerFilePath] string thisFile = "")
    {
        // A deterministic build maps source paths away, so the binary's place is tried as well.
        foreach (string start in (string[])[thisFile, AppContext.BaseDirectory])
        {
            string? at = Path.GetDirectoryName(start);
            while (at is not null && !File.Exists(Path.Combine(at, "VMSeed.sln")))
            {
                at = Path.GetDirectoryName(at);
            }

            if (at is not null)
            {
                return at;
            }
        }

        throw new DirectoryNotFoundException(
            $"No folder above {thisFile} or {AppContext.BaseDirectory} holds VMSeed.sln.");
    }

    /// <summary>Tracked files, and new ones that nothing ignores: a fault shows before the
    /// commit.</summary>
    private static string[] ListFiles(string root)
    {
        // The checkout may belong to another user than the one who runs the tests.
        string[] arguments = ["-c", "safe.directory=*", "-C", root,
            "ls-files", "-z", "--cached", "--others", "--exclude-standard"];
        using Process git = Process.Start(
            new ProcessStartInfo("git", arguments) { RedirectStandardOutput = true })!;
        string output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        Assert.True(git.ExitCode == 0, $"git ls-files ended with {git.ExitCode}.");
        return [.. output.Split('\0', StringSplitOptions.RemoveEmptyEntries).Distinct()];
    }
}
