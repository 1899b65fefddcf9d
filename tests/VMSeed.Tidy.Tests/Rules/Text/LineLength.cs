using VMSeed.Tidy.Tests.Tree;

namespace VMSeed.Tidy.Tests.Rules.Text;

/// <summary>Two files fit side by side on a screen.</summary>
internal sealed class LineLength : Rule
{
    public const int Columns = 100;

    public override IEnumerable<Finding> Check(SourceTree tree) =>
        from file in tree.Code
        from line in file.Lines.Index()
        where line.Item.Length > Columns
        select file.At(
            line.Index + 1,
            $"The line has {line.Item.Length} columns, at most {Columns} are allowed. Break it.");
}
