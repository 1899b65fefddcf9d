using Microsoft.CodeAnalysis.CSharp.Syntax;
using VMSeed.Tidy.Tests.Tree;

namespace VMSeed.Tidy.Tests.Rules.Structure;

/// <summary>A type's full name says where its file is.</summary>
internal sealed class NamespaceIsFolder : Rule
{
    public override IEnumerable<Finding> Check(SourceTree tree)
    {
        ProjectFile[] projects = ProjectFile.AllOf(tree);
        return
            from file in tree.Code
            let project = projects.FirstOrDefault(p => p.Holds(file))
            where project is not null
            from declared in file.Nodes.OfType<BaseNamespaceDeclarationSyntax>()
            let expected = project.NamespaceOf(file)
            where declared.Name.ToString() != expected
            select file.At(
                declared.Name,
                $"The namespace is {declared.Name}, the folder says {expected}. Make them one.");
    }
}
