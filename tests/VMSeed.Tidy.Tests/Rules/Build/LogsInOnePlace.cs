using Microsoft.CodeAnalysis.CSharp.Syntax;
using VMSeed.Tidy.Tests.Tree;

namespace VMSeed.Tidy.Tests.Rules.Build;

/// <summary>All log messages of a library are declared in one class.</summary>
/// <remarks>
/// They are reviewed together; and the generator behind <c>LoggerMessage</c> writes several classes
/// in an order that changes from run to run, so that a package could not be built again bit for bit
/// (seen with SDK 10.0.401: two binaries by turns from one source).
/// </remarks>
internal sealed class LogsInOnePlace : Rule
{
    public override IEnumerable<Finding> Check(SourceTree tree) =>
        from library in tree.Libraries.GroupBy(f => f.Path.Split('/')[1])
        let classes = library.SelectMany(ClassesWithMessages).ToArray()
        from more in classes.Skip(1)
        select more.File.At(
            more.Type.Identifier,
            $"{more.Type.Identifier} logs beside {classes[0].Type.Identifier}. Move its messages.");

    private static IEnumerable<(SourceFile File, TypeDeclarationSyntax Type)> ClassesWithMessages(
        SourceFile file) =>
        from type in file.Nodes.OfType<TypeDeclarationSyntax>()
        where type.Members.Any(member => member.AttributeLists
            .SelectMany(list => list.Attributes)
            .Any(attribute => attribute.Name.ToString() == "LoggerMessage"))
        select (file, type);
}
