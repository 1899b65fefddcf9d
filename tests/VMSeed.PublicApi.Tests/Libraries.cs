using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace VMSeed.PublicApi.Tests;

/// <summary>The libraries as a compiler of a user's project sees them.</summary>
internal static class Libraries
{
    public static Assembly[] All { get; } =
    [
        Assembly.Load("VMSeed.Blocks"), Assembly.Load("VMSeed.Disks"), Assembly.Load("VMSeed.Gslb"),
    ];

    public static MetadataReference[] References { get; } =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path))];

    private static CSharpCompilation Compilation { get; } =
        CSharpCompilation.Create("outside", references: References);

    public static bool HasRootNamespace(string name) =>
        All.Any(a => a.ExportedTypes.Any(t => t.Namespace == name));

    /// <summary>Every public type of a library.</summary>
    public static IEnumerable<INamedTypeSymbol> TypesOf(Assembly library) =>
        library.ExportedTypes.Select(t => Compilation.GetTypeByMetadataName(t.FullName!)!);

    /// <summary>The members of a type that others may call, override or read.</summary>
    /// <remarks>Those that the compiler made for a record or an event are nobody's text.</remarks>
    public static IEnumerable<ISymbol> MembersOf(INamedTypeSymbol type) =>
        from member in type.GetMembers()
        where member.DeclaredAccessibility is Accessibility.Public or Accessibility.Protected
            or Accessibility.ProtectedOrInternal
        where member.CanBeReferencedByName || IsConstructorOrOperator(member)
        where member is not INamedTypeSymbol
        where !member.GetAttributes().Any(
            a => a.AttributeClass?.Name == "CompilerGeneratedAttribute")
        select member;

    /// <remarks>A constructor without parameters may be one that nobody wrote.</remarks>
    private static bool IsConstructorOrOperator(ISymbol member) => member is IMethodSymbol
    {
        MethodKind: MethodKind.Constructor or MethodKind.UserDefinedOperator,
        Parameters.Length: > 0,
    };
}
