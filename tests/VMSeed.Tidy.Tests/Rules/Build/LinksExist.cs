using System.Text.RegularExpressions;
using VMSeed.Tidy.Tests.Tree;

namespace VMSeed.Tidy.Tests.Rules.Build;

/// <summary>A link from one page of the repository to another leads somewhere.</summary>
internal sealed partial class LinksExist : Rule
{
    public override IEnumerable<Finding> Check(SourceTree tree) =>
        from file in tree.Files
        where file.Name.EndsWith(".md", StringComparison.Ordinal)
        from line in file.Lines.Index()
        from match in Links.Matches(line.Item)
        let target = match.Groups["target"].Value
        where !IsElsewhere(target) && !tree.Exists(Resolve(file.Folder, target))
        select file.At(
            line.Index + 1, $"The link to '{target}' leads nowhere. Mend it, or write the page.");

    private static bool IsElsewhere(string target) =>
        target.Length == 0 || target.Contains("://", StringComparison.Ordinal)
        || target.StartsWith("mailto:", StringComparison.Ordinal);

    private static string Resolve(string folder, string target)
    {
        string absolute = Path.GetFullPath(Uri.UnescapeDataString(target), "/" + folder);
        return absolute.Trim('/');
    }

    [GeneratedRegex(@"\]\((?<target>[^)#\s]*)(?:#[^)]*)?\)")]
    private static partial Regex Links { get; }
}
