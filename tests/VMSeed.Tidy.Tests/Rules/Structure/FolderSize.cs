using VMSeed.Tidy.Tests.Tree;

namespace VMSeed.Tidy.Tests.Rules.Structure;

/// <summary>A folder is taken in at a glance.</summary>
internal sealed class FolderSize : Rule
{
    public const int Count = 15;

    public override IEnumerable<Finding> Check(SourceTree tree) =>
        from folder in tree.Product.GroupBy(f => f.Folder)
        where folder.Count() > Count
        select new Finding(
            folder.Key,
            1,
            $"The folder has {folder.Count()} files, at most {Count} are allowed. Part it.");
}
