using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using VMSeed.Tidy.Tests.Tree;

namespace VMSeed.Tidy.Tests.Rules.Code;

/// <summary>A function is seen whole on a screen.</summary>
internal sealed class FunctionLength : Rule
{
    public const int Lines = 60;

    public override IEnumerable<Finding> Check(SourceTree tree) =>
        from file in tree.Code
        from function in file.Nodes.Where(IsFunction).Select(n => n.GetLocation())
            .Append(StatementsOf(file))
        where function is not null
        let span = function.GetLineSpan()
        let count = span.EndLinePosition.Line - span.StartLinePosition.Line + 1
        where count > Lines
        select file.At(
            span.StartLinePosition.Line + 1,
            $"The function has {count} lines, at most {Lines} are allowed. Name a part of it.");

    private static bool IsFunction(SyntaxNode node) =>
        node is BaseMethodDeclarationSyntax
            or AccessorDeclarationSyntax
            or LocalFunctionStatementSyntax
            or PropertyDeclarationSyntax { ExpressionBody: not null };

    /// <summary>The statements of a program without a class are its main function.</summary>
    private static Location? StatementsOf(SourceFile file)
    {
        GlobalStatementSyntax[] statements = [.. file.Nodes.OfType<GlobalStatementSyntax>()
            .Where(s => s.Statement is not LocalFunctionStatementSyntax)];
        return statements.Length == 0
            ? null
            : Location.Create(file.Syntax, new(
                statements[0].SpanStart, statements[^1].Span.End - statements[0].SpanStart));
    }
}
