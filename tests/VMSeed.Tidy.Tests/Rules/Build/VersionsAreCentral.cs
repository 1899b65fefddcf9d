using System.Xml;
using System.Xml.Linq;
using VMSeed.Tidy.Tests.Tree;

namespace VMSeed.Tidy.Tests.Rules.Build;

/// <summary>Versions of packages stand in Directory.Packages.props alone.</summary>
/// <remarks>The quickstart is a user's project: it says which version of our packages it
/// takes.</remarks>
internal sealed class VersionsAreCentral : Rule
{
    public override IEnumerable<Finding> Check(SourceTree tree) =>
        from file in tree.Files
        where file.Name.EndsWith(".csproj", StringComparison.Ordinal)
        where !file.Path.StartsWith("samples/Quickstart/", StringComparison.Ordinal)
        from package in XDocument.Parse(file.Text, LoadOptions.SetLineInfo)
            .Descendants("PackageReference")
        where package.Attribute("Version") is not null || package.Element("Version") is not null
            || package.Attribute("VersionOverride") is not null
        select file.At(
            ((IXmlLineInfo)package).LineNumber,
            $"{(string?)package.Attribute("Include")} has a version here. "
                + "Move it to Directory.Packages.props.");
}
