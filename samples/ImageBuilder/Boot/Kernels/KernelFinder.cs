using VMSeed.ImageBuilder.Boot.Roots;
using VMSeed.ImageBuilder.Tools;

namespace VMSeed.ImageBuilder.Boot.Kernels;

/// <summary>Finds the newest kernel of a root that has its modules beside it.</summary>
/// <remarks>
/// Modules are looked at first: a release without modules is no kernel that a seed could boot. Its
/// kernel is, where distributions put it, <c>boot/vmlinuz-RELEASE</c> (Debian, Ubuntu, SUSE) or
/// <c>vmlinuz</c> beside the modules (Fedora, Arch; there /boot is another partition), else any
/// <c>vmlinuz</c> that says to be of that release. Whatever it is called, its own header is
/// believed.
/// </remarks>
internal sealed class KernelFinder(RootFiles root, WorkFolder work)
{
    // The second is a link to the first on most systems of today.
    private static readonly string[] _moduleFolders = ["usr/lib/modules", "lib/modules"];

    private const string KernelName = "vmlinuz";

    private readonly List<string> _rejected = [];

    /// <summary>More places of kernels, beside the root: local files.</summary>
    public IReadOnlyList<string> Others { get; init; } = [];

    /// <summary>Finds it.</summary>
    /// <param name="wanted">A release; null for the newest.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ImageBuilderException">There is none.</exception>
    public async Task<Kernel> FindAsync(string? wanted, CancellationToken cancellationToken)
    {
        List<(string Release, string Folder)> trees = await ListTreesAsync(cancellationToken);
        foreach ((string release, string folder) in trees
            .Where(tree => wanted is null || tree.Release == wanted)
            .OrderByDescending(tree => tree.Release, VersionOrder.Instance))
        {
            if (await FindAsync(release, folder, cancellationToken) is { } kernel)
            {
                return kernel;
            }
        }

        throw new ImageBuilderException(
            ImageBuilderFault.MissingInput,
            $"No kernel {wanted}{(wanted is null ? "" : " ")}with its modules was found: modules "
            + $"are there of {Listed(trees.Select(tree => tree.Release).Distinct())}, and a kernel "
            + "of the same release is neither boot/vmlinuz-RELEASE nor beside the modules"
            + (_rejected.Count > 0 ? $" ({string.Join("; ", _rejected)})" : string.Empty)
            + ". Give both by their paths: --boot kernel=FILE --boot modules-tree=FOLDER.");
    }

    private async Task<List<(string Release, string Folder)>> ListTreesAsync(
        CancellationToken cancellationToken)
    {
        List<(string, string)> trees = [];
        foreach (string parent in _moduleFolders)
        {
            IReadOnlyList<string> releases = await root.ListAsync(parent, cancellationToken);
            trees.AddRange(releases.Where(Name.IsPlain)
                .Select(release => (release, $"{parent}/{release}")));
        }

        return trees;
    }

    private async Task<Kernel?> FindAsync(
        string release, string folder, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> tree = await root.ListAsync(folder, cancellationToken);
        if (!tree.Contains(Modules.ModuleIndex.DependenciesFile))
        {
            return null;
        }

        // With its own release in its name first.
        IReadOnlyList<string> boot = await root.ListAsync("boot", cancellationToken);
        IEnumerable<string> places = boot
            .Where(name => name.StartsWith(KernelName, StringComparison.Ordinal)
                && Name.IsPlain(name))
            .OrderByDescending(name => name == $"{KernelName}-{release}")
            .ThenBy(name => name, StringComparer.Ordinal)
            .Select(name => $"boot/{name}");
        if (tree.Contains(KernelName))
        {
            places = places.Prepend($"{folder}/{KernelName}");
        }

        foreach (string place in places)
        {
            string copy = work[$"{KernelName}-{release}"];
            await root.CopyAsync([new FileCopy(place, copy)], cancellationToken);
            if (await IsAsync(release, copy, place, cancellationToken))
            {
                return new Kernel(release, copy, folder);
            }
        }

        foreach (string file in Others)
        {
            if (await IsAsync(release, file, Path.GetFileName(file), cancellationToken))
            {
                return new Kernel(release, file, folder);
            }
        }

        return null;
    }

    private async Task<bool> IsAsync(
        string release, string file, string place, CancellationToken cancellationToken)
    {
        string? own = File.Exists(file)
            ? await KernelImage.FindReleaseAsync(file, cancellationToken)
            : null;
        if (own != release)
        {
            _rejected.Add(own is null ? $"{place} is no bzImage" : $"{place} is {own}");
        }

        return own == release;
    }

    private static string Listed(IEnumerable<string> releases) =>
        string.Join(", ", releases) is { Length: > 0 } list ? list : "no release";
}
