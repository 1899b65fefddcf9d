using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using VMSeed.Tidy.Tests.Tree;

namespace VMSeed.Tidy.Tests.Rules.Structure;

/// <summary>A type is found by the name of its file.</summary>
/// <remarks>
/// Types marked <c>file</c> may stand beside it: nobody looks for them from elsewhere. The part of
/// a
/// partial type may add a word after a dot: <c>Head.Parsing.cs</c>.
/// </remarks>
internal sealed class OneTypeAFile : Rule
{
    public override IEnumerable<Finding> Check(SourceTree tree) =>
        from file in tree.Code
        let expected = file.Name.Split('.')[0]
        from type in file.Nodes.OfType<MemberDeclarationSyntax>()
        where type is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax
        where type.Parent is BaseNamespaceDeclarationSyntax or CompilationUnitSyntax
        where !type.Modifiers.Any(SyntaxKind.FileKeyword)
        let name = NameOf(type)
        where name.Text != expected
        select file.At(
            name,
            $"{name.Text} lives in {file.Name}. Give it {name.Text}.cs, or mark it 'file'.");

    private static SyntaxToken NameOf(MemberDeclarationSyntax type) => type switch
    {
        BaseTypeDeclarationSyntax declared => declared.Identifier,
        DelegateDeclarationSyntax declared => declared.Identifier,
        _ => default,
    };
}
