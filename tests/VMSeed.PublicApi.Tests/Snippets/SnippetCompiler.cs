using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace VMSeed.PublicApi.Tests.Snippets;

/// <summary>Compiles a snippet as the main program of a user's project.</summary>
internal static class SnippetCompiler
{
    /// <summary>What ImplicitUsings gives a program, and the libraries' root namespaces.</summary>
    private static readonly string[] Usings =
    [
        "System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http",
        "System.Threading", "System.Threading.Tasks",
        .. Libraries.All.Select(a => a.GetName().Name!).Where(Libraries.HasRootNamespace),
    ];

    /// <summary>The compiler's complaints, with lines of the page.</summary>
    public static string[] Errors(Snippet snippet)
    {
        var unit = (CompilationUnitSyntax)CSharpSyntaxTree
            .ParseText(Place(snippet, snippet.Line) + snippet.Code).GetRoot();
        string given = string.Concat(snippet.Given.Select(d => $"{d} = default!;\n"));
        string program = string.Concat(Usings.Select(u => $"global using {u};\n"))
            + unit.Usings.ToFullString()
            + given
            + Place(snippet, snippet.Line + LinesOf(unit.Usings))
            + string.Concat(unit.Members.Select(m => m.ToFullString()));
        return [.. CSharpCompilation
            .Create("snippet", [CSharpSyntaxTree.ParseText(program)], Libraries.References)
            .GetDiagnostics()
            .Where(d => d.Severity == DiagnosticSeverity.Error)
            .Select(Describe)];
    }

    private static string Describe(Diagnostic error)
    {
        FileLinePositionSpan place = error.Location.GetMappedLineSpan();
        return $"{place.Path}:{place.StartLinePosition.Line + 1}: {error.Id} {error.GetMessage()}";
    }

    private static string Place(Snippet snippet, int line) => $"#line {line} \"{snippet.Page}\"\n";

    private static int LinesOf(SyntaxList<UsingDirectiveSyntax> usings) =>
        usings.ToFullString().Split('\n')
            .Count(line => line.StartsWith("using", StringComparison.Ordinal));
}
