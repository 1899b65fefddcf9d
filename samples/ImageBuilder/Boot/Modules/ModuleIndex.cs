namespace VMSeed.ImageBuilder.Boot.Modules;

/// <summary>What depmod has written about the modules of a kernel (modules.dep(5),
/// modprobe.d(5)).</summary>
internal sealed class ModuleIndex
{
    public const string DependenciesFile = "modules.dep";
    public const string AliasesFile = "modules.alias";
    public const string SoftDependenciesFile = "modules.softdep";
    public const string BuiltInFile = "modules.builtin";

    /// <summary>The files that make up the index.</summary>
    public static readonly string[] Files =
        [DependenciesFile, AliasesFile, SoftDependenciesFile, BuiltInFile];

    private readonly Dictionary<string, ModuleFile> _files = [];

    private readonly HashSet<string> _builtIn;

    private readonly ILookup<string, string> _namesOfAlias;

    /// <summary>Reads it.</summary>
    /// <param name="texts">The content of each of <see cref="Files"/>; what is not there is
    /// empty.</param>
    /// <exception cref="ImageBuilderException">A file has a name that no module has.</exception>
    public ModuleIndex(Func<string, string> texts)
    {
        foreach (string line in Lines(texts(DependenciesFile)))
        {
            ModuleFile file = ModuleFile.Parse(line);
            _files.TryAdd(file.Name, file);
        }

        AliasLines = [.. Lines(texts(AliasesFile))];
        SoftLines = [.. Lines(texts(SoftDependenciesFile))];
        BuiltInText = texts(BuiltInFile);
        _builtIn = [.. Lines(BuiltInText).Select(ModuleName.Of)];
        _namesOfAlias = AliasLines
            .Select(line => line.Split(' '))
            .Where(words => words.Length == 3)
            .ToLookup(words => words[1], words => ModuleName.Of(words[2]));
    }

    /// <summary>Lines <c>alias PATTERN MODULE</c>.</summary>
    public IReadOnlyList<string> AliasLines { get; }

    /// <summary>Lines <c>softdep MODULE pre: NAME… post: NAME…</c>.</summary>
    public IReadOnlyList<string> SoftLines { get; }

    /// <summary>What is built in, one file a line.</summary>
    public string BuiltInText { get; }

    /// <summary>Whether the kernel has a driver in itself.</summary>
    public bool IsBuiltIn(string name) => _builtIn.Contains(ModuleName.Of(name));

    /// <summary>Finds a module by its name.</summary>
    /// <returns>Null where there is none.</returns>
    public ModuleFile? Find(string name) => _files.GetValueOrDefault(ModuleName.Of(name));

    /// <summary>The modules that loading a module brings with it: those that it cannot do without,
    /// and those that it will ask for (crc32c of ext4).</summary>
    public IEnumerable<ModuleFile> NeedsOf(ModuleFile module) => module.Dependencies
        .Concat(SoftLines.Select(line => line.Split(' '))
            .Where(words => words.Length > 2 && ModuleName.Of(words[1]) == module.Name)
            .SelectMany(words => words.Skip(2))
            .SelectMany(NamesOf))
        .Select(Find)
        .OfType<ModuleFile>();

    private IEnumerable<string> NamesOf(string name) => _namesOfAlias[name].Append(name);

    private static IEnumerable<string> Lines(string text) =>
        text.Split('\n').Where(line => line.Length > 0 && line[0] != '#');
}
