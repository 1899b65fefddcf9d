using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace VMSeed.Tidy.Tests.Tree;

/// <summary>A tracked file: its path with forward slashes from the root, its text, its
/// syntax.</summary>
internal sealed class SourceFile(string path, string text)
{
    /// <summary>What the projects compile with; see Directory.Build.props.</summary>
    public static readonly CSharpParseOptions Options =
        new(LanguageVersion.CSharp14, DocumentationMode.Parse, preprocessorSymbols: ["NET"]);

    private SyntaxTree? _syntax;

    public string Path => path;

    public string Text => text;

    public string Name => System.IO.Path.GetFileName(path);

    /// <summary>The folder's path, without a slash at the end; empty at the root.</summary>
    public string Folder => path.Contains('/', StringComparison.Ordinal)
        ? path[..path.LastIndexOf('/')]
        : "";

    public string[] Lines => text.Split('\n');

    public bool IsCode => path.EndsWith(".cs", StringComparison.Ordinal);

    public SyntaxTree Syntax =>
        _syntax ??= CSharpSyntaxTree.ParseText(text, Options, path);

    public IEnumerable<SyntaxNode> Nodes => Syntax.GetRoot().DescendantNodes();

    public Finding At(int line, string message) => new(path, line, message);

    public Finding At(SyntaxNodeOrToken place, string message) =>
        At(place.GetLocation()!.GetLineSpan().StartLinePosition.Line + 1, message);
}
