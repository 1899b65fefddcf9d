using Microsoft.CodeAnalysis.CSharp.Syntax;
using VMSeed.Tidy.Tests.Tree;

namespace VMSeed.Tidy.Tests.Rules.Code;

/// <summary>Whether a function waits is said by its type, not by a flag that is handed
/// down.</summary>
internal sealed class NoAsyncFlags : Rule
{
    private static readonly string[] Flags =
        ["async", "isAsync", "useAsync", "sync", "isSync", "synchronous"];

    public override IEnumerable<Finding> Check(SourceTree tree) =>
        from file in tree.Code
        from parameter in file.Nodes.OfType<ParameterSyntax>()
        where parameter.Type?.ToString() == "bool"
        where Flags.Contains(parameter.Identifier.ValueText)
        select file.At(
            parameter,
            $"'bool {parameter.Identifier.ValueText}' makes two functions of one. Write both.");
}
