using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using VMSeed.Tidy.Tests.Tree;

namespace VMSeed.Tidy.Tests.Rules.Structure;

/// <summary>Inside a library a folder uses the folders below it; libraries know those below
/// them.</summary>
/// <remarks>
/// The compiler is asked what each name means, so an alias, a relative name or a <c>using</c> of
/// another file hides nothing. Documentation may point upwards.
/// </remarks>
internal sealed class LayerArrows : Rule
{
    public override IEnumerable<Finding> Check(SourceTree tree)
    {
        SourceFile[] files = [.. tree.Libraries.Where(f => LibraryOf(f) is { } name
            && Layers.Folders.ContainsKey(name))];
        CSharpCompilation compilation = CSharpCompilation.Create(
            "libraries",
            [.. files.Select(f => f.Syntax), SharedUsings],
            References(),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        return files.SelectMany(f => CheckFile(f, compilation.GetSemanticModel(f.Syntax)))
            .DistinctBy(f => (f.Path, f.Message));
    }

    private static IEnumerable<Finding> CheckFile(SourceFile file, SemanticModel model)
    {
        string library = LibraryOf(file)!;
        string folder = file.Path.Split('/') is { Length: > 3 } parts ? parts[2] : "";
        int height = Layers.HeightOf(library, folder);
        if (height < 0)
        {
            yield return file.At(
                1, $"{folder} has no place among the layers. Give it one in Layers.cs.");
            yield break;
        }

        foreach (SimpleNameSyntax name in file.Nodes.OfType<SimpleNameSyntax>())
        {
            if (Meaning(model, name) is { } type
                && Fault(library, height, type) is { } fault)
            {
                yield return file.At(name, fault);
            }
        }
    }

    private static string? Fault(string library, int height, INamedTypeSymbol type)
    {
        string[] space = type.ContainingNamespace.ToDisplayString().Split('.');
        string other = string.Join('.', space.Take(2));
        string folder = space.ElementAtOrDefault(2) ?? "";
        string place = folder.Length == 0 ? "the root" : folder;
        if (!Layers.Folders.ContainsKey(other) || Layers.KnownToAll.Contains(type.Name))
        {
            return null;
        }

        if (!Layers.MayUse(library, other))
        {
            return $"{library} may not know {type.Name} of {other}. Turn the dependency round.";
        }

        return library == other && Layers.HeightOf(library, folder) > height
            ? $"{type.Name} of {place} lies above this folder. Move the code up, or the type down."
            : null;
    }

    private static INamedTypeSymbol? Meaning(SemanticModel model, SimpleNameSyntax name)
    {
        SymbolInfo info = model.GetSymbolInfo(name);
        ISymbol? symbol = info.Symbol ?? info.CandidateSymbols.FirstOrDefault();
        INamedTypeSymbol? type = symbol as INamedTypeSymbol ?? symbol?.ContainingType;
        return type is { Locations: [{ IsInSource: true }, ..] } ? type : null;
    }

    private static string? LibraryOf(SourceFile file) => file.Path.Split('/').ElementAtOrDefault(1);

    private static IEnumerable<MetadataReference> References() =>
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path));

    /// <summary>What ImplicitUsings gives every file.</summary>
    private static SyntaxTree SharedUsings => CSharpSyntaxTree.ParseText(
        """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """,
        SourceFile.Options);
}
