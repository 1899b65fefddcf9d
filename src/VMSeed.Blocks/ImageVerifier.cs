using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Verification;

namespace VMSeed.Blocks;

/// <summary>Checks whether all of a published image is there and right.</summary>
public static class ImageVerifier
{
    /// <summary>Reads every object of an image where it is published, past any cache of this
    /// machine.</summary>
    /// <param name="address">Where its head is, as
    /// <see cref="LazyDisk.OpenAsync(string, LazyDiskOptions?, CancellationToken)"/> takes
    /// it.</param>
    /// <param name="options">Keys, client, clock and deadlines; what it says of caches is not
    /// used.</param>
    /// <param name="progress">Hears how far it has come.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What was bad, by name and reason.</returns>
    /// <exception cref="BlockIOException">The head itself cannot be had, or is refused.</exception>
    public static async Task<VerifyResult> VerifyAsync(
        string address,
        LazyDiskOptions? options = null,
        IProgress<VerifyProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        options = (options ?? new LazyDiskOptions()) with { Cache = null, CacheDirectory = null };
        options.Validate();
        OpenImage image = await OpenImage
            .OpenAsync(address, options, cancellationToken).ConfigureAwait(false);
        await using (image.ConfigureAwait(false))
        {
            var check = new ImageCheck(
                image.Source, image.Head, image.Context.Policy, options.TimeProvider, progress);
            return await check.RunAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
