using VMSeed.Blocks.Caching;
using VMSeed.Blocks.Images;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Sources;

namespace VMSeed.Blocks.Reading.Indexing;

/// <summary>Loads small objects whole: index pages, profiles. From the cache, else from the
/// source.</summary>
internal sealed class ObjectLoader(ReadContext context)
{
    /// <summary>Brings an object whose bytes match their digest.</summary>
    /// <exception cref="BlockIOException">It cannot be had.</exception>
    public async Task<byte[]> LoadAsync(
        Digest digest, int length, ReadPurpose purpose, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[length];
        if (await TryLoadAsync(digest, bytes, cancellationToken).ConfigureAwait(false))
        {
            return bytes;
        }

        RetrySchedule retries = context.NewSchedule(purpose);
        while (true)
        {
            try
            {
                await FetchAsync(digest, bytes, purpose, retries.PastCaches, cancellationToken)
                    .ConfigureAwait(false);
                break;
            }
            catch (BlockIOException failure)
            {
                context.Counters.CountFailure(failure);
                context.Log.FetchFailed(RepositoryPaths.Object(digest), failure);
                if (!await retries.WaitAsync(failure, cancellationToken).ConfigureAwait(false))
                {
                    throw;
                }
            }
        }

        if (CacheFor(length) is { } cache)
        {
            CacheEntry[] entry = [new CacheEntry(digest, bytes)];
            await cache.PutAsync(entry, default, cancellationToken).ConfigureAwait(false);
        }

        return bytes;
    }

    // The cache takes what a block can be; only a publisher's whim makes a page larger.
    private BlockCache? CacheFor(int length) =>
        length <= ImageGeometry.MaxBlockSize ? context.Cache : null;

    private async Task<bool> TryLoadAsync(
        Digest digest, byte[] bytes, CancellationToken cancellationToken)
    {
        if (CacheFor(bytes.Length) is not { } cache)
        {
            return false;
        }

        BlockPlace place = await cache
            .FindAsync(digest, bytes.Length, cancellationToken).ConfigureAwait(false);
        if (!place.Exists
            || !await cache.ReadAsync(place, 0, bytes, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        if (Digest.Of(bytes) == digest)
        {
            return true;
        }

        context.Counters.CountHeal();
        await cache.DropAsync(place).ConfigureAwait(false);
        return false;
    }

    private async Task FetchAsync(
        Digest digest,
        byte[] bytes,
        ReadPurpose purpose,
        bool pastCaches,
        CancellationToken cancellationToken)
    {
        string path = RepositoryPaths.Object(digest);
        var request = new ObjectRequest(
            path,
            0,
            bytes.Length,
            bytes.Length,
            purpose,
            pastCaches,
            body => Digest.Of(body.Span) == digest);
        context.Counters.CountRequest(bytes.Length, purpose);
        ObjectBody body = await context.Source.OpenAsync(request, cancellationToken)
            .ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            await body.FillAsync(bytes, cancellationToken).ConfigureAwait(false);
            bool isRight = Digest.Of(bytes) == digest;
            body.Judge(isRight);
            if (!isRight)
            {
                throw new BlockIOException(
                    FailureReason.Corrupt,
                    $"The object {path} from {context.Source} is not what its name says.")
                {
                    ObjectName = path,
                };
            }
        }
    }
}
