using VMSeed.Tidy.Tests.Tree;

namespace VMSeed.Tidy.Tests.Rules.Structure;

/// <summary>A folder is named for what is in it, not for the author not knowing where to put
/// it.</summary>
internal sealed class FolderName : Rule
{
    private static readonly string[] Vague =
        ["utils", "util", "utilities", "common", "helpers", "helper", "misc", "shared"];

    public override IEnumerable<Finding> Check(SourceTree tree) =>
        from folder in tree.Files.Select(f => f.Folder).Distinct()
        let vague = folder.Split('/').FirstOrDefault(
            part => Vague.Contains(part, StringComparer.OrdinalIgnoreCase))
        where vague is not null
        select new Finding(
            folder, 1, $"A folder called '{vague}' says nothing. Name it for the idea in it.");
}
