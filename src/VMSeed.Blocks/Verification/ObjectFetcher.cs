using VMSeed.Blocks.Images;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Reading;
using VMSeed.Blocks.Sources;

namespace VMSeed.Blocks.Verification;

/// <summary>Reads parts of objects until they are right, or it is plain that they never will
/// be.</summary>
internal sealed class ObjectFetcher(ObjectSource source, ReadPolicy policy, TimeProvider time)
{
    private long _bytes;

    /// <summary>Bytes that were read.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Reads and checks a whole object.</summary>
    /// <exception cref="BlockIOException">It cannot be had, or is not what its digest stands
    /// for.</exception>
    public Task<T> ReadAsync<T>(
        Digest digest, int length, Func<byte[], T> parse, CancellationToken cancellationToken) =>
        ReadAsync(
            new ObjectRequest(
                RepositoryPaths.Object(digest),
                0,
                length,
                length,
                Check: bytes => Digest.Of(bytes.Span) == digest),
            bytes => Digest.Of(bytes) == digest
                ? parse(bytes)
                : throw new InvalidDataException("its bytes are not those of its name"),
            cancellationToken);

    /// <summary>Reads and checks a range.</summary>
    /// <param name="request">Which.</param>
    /// <param name="parse">Makes something of the bytes; an <see cref="InvalidDataException"/> says
    /// that they are wrong.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BlockIOException">It cannot be had, or is wrong.</exception>
    public async Task<T> ReadAsync<T>(
        ObjectRequest request, Func<byte[], T> parse, CancellationToken cancellationToken)
    {
        var retries = new RetrySchedule(policy, time, Jitter.Next, ReadPurpose.Foreground);
        while (true)
        {
            try
            {
                byte[] bytes = await FetchAsync(
                    request with { PastCaches = retries.PastCaches }, cancellationToken)
                    .ConfigureAwait(false);
                return Parse(request, bytes, parse);
            }
            catch (BlockIOException failure)
            {
                if (!await retries.WaitAsync(failure, cancellationToken).ConfigureAwait(false))
                {
                    throw;
                }
            }
        }
    }

    private static T Parse<T>(ObjectRequest request, byte[] bytes, Func<byte[], T> parse)
    {
        try
        {
            return parse(bytes);
        }
        catch (InvalidDataException fault)
        {
            throw new BlockIOException(
                FailureReason.Corrupt,
                $"{request.Path} is damaged: {fault.Message.TrimEnd('.')}.",
                fault)
            {
                ObjectName = request.Path,
            };
        }
    }

    private async Task<byte[]> FetchAsync(
        ObjectRequest request, CancellationToken cancellationToken)
    {
        ObjectBody body =
            await source.OpenAsync(request, cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            byte[] bytes = GC.AllocateUninitializedArray<byte>(request.Length);
            await body.FillAsync(bytes, cancellationToken).ConfigureAwait(false);
            Interlocked.Add(ref _bytes, bytes.Length);
            return bytes;
        }
    }
}
