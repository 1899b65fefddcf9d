using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using VMSeed.Tidy.Tests.Tree;

namespace VMSeed.Tidy.Tests.Rules.Code;

/// <summary>Types are sealed, static, abstract or readonly, unless their documentation says why
/// not.</summary>
/// <remarks>
/// A class that others may extend has the word <em>inherit</em> or <em>derive</em> in its
/// documentation; a struct that changes has the word <em>mutable</em>.
/// </remarks>
internal sealed class ClosedTypes : Rule
{
    private static readonly SyntaxKind[] Closed =
        [SyntaxKind.SealedKeyword, SyntaxKind.StaticKeyword, SyntaxKind.AbstractKeyword];

    public override IEnumerable<Finding> Check(SourceTree tree) =>
        from file in tree.Libraries
        from type in file.Nodes.OfType<TypeDeclarationSyntax>()
        let advice = IsStruct(type) ? AdviceForStruct(type) : AdviceForClass(type)
        where advice is not null
        select file.At(type.Identifier, $"{type.Identifier.Text} is open. {advice}");

    private static bool IsStruct(TypeDeclarationSyntax type) =>
        type.Kind() is SyntaxKind.StructDeclaration or SyntaxKind.RecordStructDeclaration;

    private static string? AdviceForClass(TypeDeclarationSyntax type) =>
        type.Kind() is not (SyntaxKind.ClassDeclaration or SyntaxKind.RecordDeclaration)
        || Closed.Any(kind => type.Modifiers.Any(kind))
        || Says(type, "inherit") || Says(type, "derive")
            ? null
            : "Seal it, or document what may inherit from it.";

    private static string? AdviceForStruct(TypeDeclarationSyntax type) =>
        type.Modifiers.Any(SyntaxKind.ReadOnlyKeyword) || Says(type, "mutable")
            ? null
            : "Make it readonly, or document why it is mutable.";

    private static bool Says(TypeDeclarationSyntax type, string word) => type.GetLeadingTrivia()
        .ToFullString().Contains(word, StringComparison.OrdinalIgnoreCase);
}
