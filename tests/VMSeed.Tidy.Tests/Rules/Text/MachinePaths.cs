using System.Text.RegularExpressions;
using VMSeed.Tidy.Tests.Tree;

namespace VMSeed.Tidy.Tests.Rules.Text;

/// <summary>No file names a path of somebody's machine, or the host of a package
/// registry.</summary>
internal sealed partial class MachinePaths : Rule
{
    public override IEnumerable<Finding> Check(SourceTree tree) =>
        from file in tree.Files
        from line in file.Lines.Index()
        let match = Places.Match(line.Item)
        where match.Success
        select file.At(
            line.Index + 1,
            $"'{match.Value}' exists on one machine only. Make it relative, or a parameter.");

    // The classes of one letter keep the pattern from matching its own lines.
    [GeneratedRegex(
        @"(?<![\w.\-}/])/(?:[w]ork/|[t]mp/wt\b|[r]oot/|[h]ome/\w)|[C]:\\Users\\"
        + @"|\b(?:[a]pi\.nuget|[p]kgs\.dev\.azure|[n]pmjs|[p]ypi|[c]rates|proxy\.golang)"
        + @"\.(?:org|com|io)\b")]
    private static partial Regex Places { get; }
}
