using VMSeed.Tidy.Tests.Tree;

namespace VMSeed.Tidy.Tests.Rules.Text;

/// <summary>A file is read in one sitting.</summary>
internal sealed class FileLength : Rule
{
    public const int Lines = 400;

    public override IEnumerable<Finding> Check(SourceTree tree) =>
        from file in tree.Code
        let count = file.Text.TrimEnd().Count(c => c == '\n') + 1
        where count > Lines
        select file.At(
            Lines + 1,
            $"The file has {count} lines, at most {Lines} are allowed. Give an idea its own file.");
}
