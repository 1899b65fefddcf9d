using System.Xml;
using System.Xml.Linq;
using VMSeed.Tidy.Tests.Tree;

namespace VMSeed.Tidy.Tests.Rules.Build;

/// <summary>Every package has a comment on why it is needed: before it, or behind it on its
/// line.</summary>
internal sealed class PackagesAreArgued : Rule
{
    private static readonly string[] Kinds = ["PackageVersion", "GlobalPackageReference"];

    public override IEnumerable<Finding> Check(SourceTree tree) =>
        from file in tree.Files
        where file.Name == "Directory.Packages.props"
        from package in XDocument.Parse(file.Text, LoadOptions.SetLineInfo).Descendants()
        where Kinds.Contains(package.Name.LocalName)
        let line = LineOf(package)
        where package.PreviousNode is not XComment comment || Closes(comment, file) > line
            || IsBehindAnother(comment)
        where package.NextNode is not XComment behind || LineOf(behind) != line
        select file.At(
            line, $"{(string?)package.Attribute("Include")} has no comment. Say why it is needed.");

    /// <summary>A comment on the line of the package before belongs to that one.</summary>
    private static bool IsBehindAnother(XComment comment) =>
        comment.PreviousNode is XElement other && LineOf(other) == LineOf(comment);

    private static int Closes(XComment comment, SourceFile file) =>
        Math.Min(file.Lines.Length, LineOf(comment) + comment.Value.Count(c => c == '\n'));

    private static int LineOf(XObject place) => ((IXmlLineInfo)place).LineNumber;
}
