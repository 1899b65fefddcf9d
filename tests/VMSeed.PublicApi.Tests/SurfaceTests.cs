using System.Reflection;
using Microsoft.CodeAnalysis;

namespace VMSeed.PublicApi.Tests;

/// <summary>Types are where users look for them, and speak of nothing that is not theirs to
/// know.</summary>
public sealed class SurfaceTests
{
    /// <summary>What a public signature may speak of, beside our own types.</summary>
    private static readonly string[] Known = ["System", "Microsoft.Extensions"];

    [Theory]
    [InlineData("VMSeed.Blocks", "BlockDevice")]
    [InlineData("VMSeed.Blocks", "LazyDisk")]
    [InlineData("VMSeed.Blocks", "LazyDiskOptions")]
    [InlineData("VMSeed.Blocks", "HttpRangeDevice")]
    [InlineData("VMSeed.Blocks", "HttpRangeOptions")]
    public void The_facades_stand_at_the_root(string library, string type) =>
        Assert.NotNull(Assembly.Load(library).GetType($"{library}.{type}"));

    [Fact]
    public void A_library_keeps_to_its_own_namespace()
    {
        foreach (Assembly library in Libraries.All)
        {
            string name = library.GetName().Name!;
            Assert.All(library.ExportedTypes, type =>
                Assert.StartsWith(name + ".", type.Namespace + ".", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void No_signature_names_a_type_of_a_package_behind_us()
    {
        IEnumerable<string> strangers =
            from library in Libraries.All
            from type in Libraries.TypesOf(library)
            from member in Libraries.MembersOf(type)
            from part in member.ToDisplayParts(SymbolDisplayFormat.FullyQualifiedFormat)
            let named = part.Symbol as INamedTypeSymbol
            where named is not null
            let space = named.ContainingNamespace.ToDisplayString()
            where !Known.Append("VMSeed").Any(known => space == known
                || space.StartsWith(known + ".", StringComparison.Ordinal))
            select $"{member} names {named}";
        Assert.Empty(strangers);
    }
}
