using VMSeed.ImageBuilder.Archives;

namespace VMSeed.ImageBuilder.GuestFiles;

/// <summary>Puts programs of this machine into an archive, with every library that they
/// need.</summary>
/// <remarks>Libraries keep the folders that they were found in, for there the loader, which comes
/// from this machine too, will look for them.</remarks>
internal sealed class GuestPrograms(CpioArchive archive)
{
    // In the order in which loaders look: Debian's, then those of other distributions.
    private static readonly string[] _folders =
    [
        "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/lib",
        "/usr/lib",
    ];

    private readonly HashSet<string> _added = new(StringComparer.Ordinal);
    private readonly HashSet<string> _beside = new(StringComparer.Ordinal);

    /// <summary>Adds a program.</summary>
    /// <param name="source">The program.</param>
    /// <param name="path">Its path in the archive.</param>
    public void Add(string source, string path)
    {
        byte[] content = File.ReadAllBytes(source);
        archive.AddFile(path, content, executable: true);
        AddNeeds(source, content);
    }

    /// <summary>Adds a library that lies beside a program, and is found there.</summary>
    public void AddBeside(string source, string path)
    {
        _beside.Add(Path.GetFileName(source));
        Add(source, path);
    }

    /// <summary>Adds a library of the system by its name: one that is loaded on demand.</summary>
    /// <param name="name">Its name, such as <c>libssl.so.3</c>.</param>
    /// <param name="package">The Debian package that has it.</param>
    public void AddLibrary(string name, string package) => AddLibrary(
        Find(name) ?? throw new ImageBuilderException(
            ImageBuilderFault.MissingInput,
            $"The library {name} is in none of {string.Join(", ", _folders)}. Debian and Ubuntu "
            + $"have it in the package {package}."));

    private static string? Find(string name) =>
        _folders.Select(folder => Path.Join(folder, name)).FirstOrDefault(File.Exists);

    private void AddLibrary(string found)
    {
        if (_added.Add(found))
        {
            byte[] content = File.ReadAllBytes(found);
            archive.AddFile(found.TrimStart('/'), content, executable: true);
            AddNeeds(found, content);
        }
    }

    private void AddNeeds(string source, byte[] content)
    {
        ElfFile elf = Parse(source, content);
        if (elf.Interpreter is { } loader)
        {
            AddLibrary(loader);
        }

        foreach (string name in elf.Needed.Where(name => !_beside.Contains(name)))
        {
            AddLibrary(Find(name) ?? throw new ImageBuilderException(
                ImageBuilderFault.MissingInput,
                $"{source} needs {name}, which is in none of {string.Join(", ", _folders)}."));
        }
    }

    private static ElfFile Parse(string source, byte[] content)
    {
        try
        {
            return ElfFile.Read(content);
        }
        catch (InvalidDataException fault)
        {
            throw new ImageBuilderException(
                ImageBuilderFault.Unsupported,
                $"{source} cannot be put into a seed: {fault.Message}.",
                fault);
        }
    }
}
