using System.Text;

namespace VMSeed.ImageBuilder.Boot.Modules;

/// <summary>The modules that a seed needs of a kernel's, and an index of these alone.</summary>
internal sealed class ModuleSelection
{
    private readonly ModuleIndex _index;

    private readonly SortedDictionary<string, ModuleFile> _chosen = new(StringComparer.Ordinal);

    /// <summary>Chooses.</summary>
    /// <param name="index">All modules.</param>
    /// <param name="wanted">Names of drivers.</param>
    public ModuleSelection(ModuleIndex index, IEnumerable<string> wanted)
    {
        _index = index;
        List<string> unknown = [];
        Stack<ModuleFile> open = new();
        foreach (string name in wanted)
        {
            if (index.Find(name) is { } module)
            {
                open.Push(module);
            }
            else if (!index.IsBuiltIn(name))
            {
                unknown.Add(name);
            }
        }

        Unknown = unknown;
        while (open.TryPop(out ModuleFile? next))
        {
            if (_chosen.TryAdd(next.Name, next))
            {
                foreach (ModuleFile need in index.NeedsOf(next))
                {
                    open.Push(need);
                }
            }
        }
    }

    /// <summary>The files to take, in the order of their modules' names.</summary>
    public IReadOnlyCollection<ModuleFile> Files => _chosen.Values;

    /// <summary>The drivers that the kernel has neither as modules nor in itself.</summary>
    public IReadOnlyList<string> Unknown { get; }

    /// <summary>The index of what was chosen, by file names; modules are named as they are when
    /// they are unpacked.</summary>
    public IEnumerable<(string File, byte[] Content)> WriteIndex()
    {
        yield return (ModuleIndex.DependenciesFile, Text(_chosen.Values
            .Select(file => ModuleName.WithoutCompression(file.Path) + ":" + string.Concat(
                file.Dependencies.Select(path => " " + ModuleName.WithoutCompression(path))))));
        yield return (ModuleIndex.AliasesFile, Text(_index.AliasLines
            .Where(line => IsChosen(line[(line.LastIndexOf(' ') + 1)..]))));
        yield return (ModuleIndex.SoftDependenciesFile, Text(_index.SoftLines
            .Where(line => line.Split(' ') is { Length: > 2 } words && IsChosen(words[1]))));
        yield return (
            ModuleIndex.BuiltInFile, Encoding.UTF8.GetBytes(_index.BuiltInText));
    }

    private bool IsChosen(string name) => _chosen.ContainsKey(ModuleName.Of(name));

    private static byte[] Text(IEnumerable<string> lines) =>
        Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));
}
