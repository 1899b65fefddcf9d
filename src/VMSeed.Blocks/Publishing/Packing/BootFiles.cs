using System.Runtime.CompilerServices;
using VMSeed.Blocks.Images.Heads;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Publishing.Repositories;

namespace VMSeed.Blocks.Publishing.Packing;

/// <summary>Stores the files that boot an image as objects.</summary>
internal static class BootFiles
{
    private const int BufferSize = 1024 * 1024;

    /// <summary>Stores them.</summary>
    /// <returns>The head's section; null where the options have nothing for it.</returns>
    public static async ValueTask<BootSection?> StoreAsync(
        PublishOptions options,
        RepositoryFolder folder,
        ObjectWriter objects,
        CancellationToken cancellationToken)
    {
        if (options is { BootFiles.Count: 0, BootRoot: null, BootArguments: null })
        {
            return null;
        }

        var files = new List<BootFile>();
        foreach (BootFileSource file in options.BootFiles)
        {
            files.Add(await StoreAsync(file, folder, objects, cancellationToken)
                .ConfigureAwait(false));
        }

        return new BootSection(files)
        {
            Root = options.BootRoot,
            Arguments = options.BootArguments,
        };
    }

    private static async ValueTask<BootFile> StoreAsync(
        BootFileSource source,
        RepositoryFolder folder,
        ObjectWriter objects,
        CancellationToken cancellationToken)
    {
        var copy = new HashedFile(folder);
        FileStream input = new(source.Path, FileMode.Open, FileAccess.Read, FileShare.Read);
        await using ConfiguredAsyncDisposable closing = input.ConfigureAwait(false);
        byte[] buffer = new byte[BufferSize];
        while (await input.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0
            and int count)
        {
            copy.Append(buffer.AsSpan(0, count));
        }

        Digest digest = await objects.PutAsync(copy, cancellationToken).ConfigureAwait(false);
        return new BootFile(source.Role, source.Name, digest, copy.Length);
    }
}
