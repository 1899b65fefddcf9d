using System.Text.RegularExpressions;
using VMSeed.Tidy.Tests.Tree;

namespace VMSeed.Tidy.Tests.Rules.Text;

/// <summary>No folded regions, and no promises in place of work.</summary>
internal sealed partial class ForbiddenWords : Rule
{
    public override IEnumerable<Finding> Check(SourceTree tree) =>
        from file in tree.Code
        from line in file.Lines.Index()
        let match = Words.Match(line.Item)
        where match.Success
        select file.At(
            line.Index + 1,
            $"'{match.Value}' is not used here. Split the file, do the work, or state the limit.");

    // The classes of one letter keep the pattern from matching its own line.
    [GeneratedRegex(@"^\s*#[r]egion|\b[T]ODO\b|\b[F]IXME\b|\b[H]ACK\b")]
    private static partial Regex Words { get; }
}
