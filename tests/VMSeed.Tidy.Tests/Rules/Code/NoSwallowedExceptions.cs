using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using VMSeed.Tidy.Tests.Tree;

namespace VMSeed.Tidy.Tests.Rules.Code;

/// <summary>A catch does something about what it caught.</summary>
/// <remarks>An empty one is allowed for a named exception, with a comment on why that is
/// right.</remarks>
internal sealed class NoSwallowedExceptions : Rule
{
    public override IEnumerable<Finding> Check(SourceTree tree) =>
        from file in tree.Code
        from clause in file.Nodes.OfType<CatchClauseSyntax>()
        where clause.Block.Statements.Count == 0
        where CatchesAll(clause) || !HasComment(clause)
        select file.At(
            clause.CatchKeyword,
            "The exception is swallowed. Handle it, or name its type and say why.");

    private static bool CatchesAll(CatchClauseSyntax clause) =>
        clause.Filter is null
        && clause.Declaration?.Type.ToString() is null or "Exception" or "System.Exception";

    private static bool HasComment(CatchClauseSyntax clause) => clause.Block.DescendantTrivia()
        .Any(t => t.IsKind(SyntaxKind.SingleLineCommentTrivia)
            || t.IsKind(SyntaxKind.MultiLineCommentTrivia));
}
