using System.Xml.Linq;
using VMSeed.Tidy.Tests.Tree;

namespace VMSeed.Tidy.Tests.Rules.Structure;

/// <summary>A project: where it stands, and the namespace that its code begins with.</summary>
internal sealed record ProjectFile(string Folder, string RootNamespace)
{
    public static ProjectFile[] AllOf(SourceTree tree) =>
        [.. tree.Files
            .Where(f => f.Name.EndsWith(".csproj", StringComparison.Ordinal))
            .Select(Read)];

    /// <summary>The namespace of a file of this project.</summary>
    public string NamespaceOf(SourceFile file) =>
        RootNamespace + file.Folder[Folder.Length..].Replace('/', '.');

    public bool Holds(SourceFile file) =>
        file.Path.StartsWith(Folder + "/", StringComparison.Ordinal);

    private static ProjectFile Read(SourceFile file)
    {
        string? declared = XDocument.Parse(file.Text)
            .Descendants("RootNamespace").FirstOrDefault()?.Value;
        return new(file.Folder, declared ?? Path.GetFileNameWithoutExtension(file.Name));
    }
}
