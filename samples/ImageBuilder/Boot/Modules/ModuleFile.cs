namespace VMSeed.ImageBuilder.Boot.Modules;

/// <summary>A module of a kernel.</summary>
/// <param name="Path">Its file, from the folder of the kernel's modules.</param>
/// <param name="Dependencies">Files of the modules that must be there before it, the last
/// first.</param>
internal sealed record ModuleFile(string Path, IReadOnlyList<string> Dependencies)
{
    public string Name => ModuleName.Of(Path);

    /// <summary>Reads a line of modules.dep: <c>PATH: PATH…</c>.</summary>
    /// <exception cref="ImageBuilderException">It is none.</exception>
    public static ModuleFile Parse(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words[0].EndsWith(':')
            && words.All(word => Boot.Name.IsPlainPath(word.TrimEnd(':')))
            ? new ModuleFile(words[0][..^1], words[1..])
            : throw new ImageBuilderException(
                ImageBuilderFault.Damaged,
                $"modules.dep has the line '{line}', which is not 'FILE: FILE…' of plain names.");
    }
}
