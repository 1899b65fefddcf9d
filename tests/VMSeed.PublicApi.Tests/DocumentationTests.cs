using System.Reflection;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;

namespace VMSeed.PublicApi.Tests;

/// <summary>The documentation that the packages carry covers all that they offer.</summary>
public sealed class DocumentationTests
{
    public static TheoryData<string> Names => [.. Libraries.All.Select(a => a.GetName().Name!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_public_member_is_documented(string library)
    {
        Assembly assembly = Assembly.Load(library);
        string path = Path.ChangeExtension(assembly.Location, ".xml");
        HashSet<string> documented = [.. Documented(path)];
        IEnumerable<string> missing = Libraries.TypesOf(assembly)
            .SelectMany(type => Libraries.MembersOf(type).Prepend(type))
            .Select(symbol => symbol.GetDocumentationCommentId()!)
            .Where(id => !documented.Contains(id));
        Assert.Empty(missing);
    }

    /// <summary>Members with a sentence of their own, or with one that they inherit.</summary>
    private static IEnumerable<string> Documented(string path) =>
        from member in XDocument.Load(path).Descendants("member")
        where member.Element("inheritdoc") is not null
            || !string.IsNullOrWhiteSpace(member.Element("summary")?.Value)
            || member.Element("summary")?.HasElements == true
        select (string)member.Attribute("name")!;
}
