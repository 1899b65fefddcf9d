using VMSeed.ImageBuilder.Archives;
using VMSeed.ImageBuilder.Boot.Roots;
using VMSeed.ImageBuilder.Tools;

namespace VMSeed.ImageBuilder.Boot.Modules;

/// <summary>The modules of one kernel, in a guest's root.</summary>
/// <param name="files">The root.</param>
/// <param name="folder">The folder that has modules.dep in it.</param>
/// <param name="release">The kernel's release.</param>
/// <param name="drivers">The names of the modules that are wanted.</param>
internal sealed class ModuleTree(
    RootFiles files, string folder, string release, IReadOnlyList<string> drivers)
{
    // The longest of them, modules.alias of a kernel with every driver, has 2 MiB.
    private const int MaxIndexLength = 32 * 1024 * 1024;

    /// <summary>Makes the archive of the drivers that a seed needs.</summary>
    /// <param name="work">Where files go on the way.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The archive, and the names of drivers that the kernel does not know.</returns>
    /// <exception cref="ImageBuilderException">A file that the index names is missing, or
    /// damaged.</exception>
    public async Task<(CpioArchive Archive, IReadOnlyList<string> Unknown)> PackAsync(
        WorkFolder work, CancellationToken cancellationToken)
    {
        ModuleSelection selection = new(
            await ReadIndexAsync(work, cancellationToken), drivers);
        CpioArchive archive = new();
        string target = $"lib/modules/{release}/";
        foreach ((string file, byte[] content) in selection.WriteIndex())
        {
            archive.AddFile(target + file, content);
        }

        Dictionary<ModuleFile, FileCopy> copies = selection.Files.ToDictionary(
            file => file,
            file => new FileCopy(PathOf(file.Path), work[Path.GetFileName(file.Path)]));
        await files.CopyAsync([.. copies.Values], cancellationToken);
        foreach ((ModuleFile module, FileCopy copy) in copies)
        {
            archive.AddFile(
                target + ModuleName.WithoutCompression(module.Path),
                await ReadAsync(copy, cancellationToken));
            File.Delete(copy.Target);
        }

        return (archive, selection.Unknown);
    }

    private async Task<ModuleIndex> ReadIndexAsync(
        WorkFolder work, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> there = await files.ListAsync(folder, cancellationToken);
        await files.CopyAsync(
            [.. ModuleIndex.Files.Intersect(there)
                .Select(name => new FileCopy(PathOf(name), work[name]))],
            cancellationToken);
        return new ModuleIndex(name => new FileInfo(work[name]) switch
        {
            { Exists: false } => string.Empty,
            { Length: > MaxIndexLength } => throw new ImageBuilderException(
                ImageBuilderFault.Damaged,
                $"{PathOf(name)} is larger than {MaxIndexLength} bytes."),
            FileInfo file => File.ReadAllText(file.FullName),
        });
    }

    private string PathOf(string file) => folder.Length == 0 ? file : $"{folder}/{file}";

    private static async Task<byte[]> ReadAsync(
        FileCopy copy, CancellationToken cancellationToken) =>
        File.Exists(copy.Target)
            ? await ModuleUnpacker.ReadAsync(copy.Target, cancellationToken)
            : throw new ImageBuilderException(
                ImageBuilderFault.MissingInput,
                $"modules.dep names {copy.Path}, which is not there. An update of the system may "
                + "have been cut off.");
}
