using System.Buffers;
using VMSeed.Blocks.Images;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Publishing.Repositories;
using VMSeed.Blocks.Reading;
using VMSeed.Blocks.Sources;

namespace VMSeed.Blocks.Publishing.Mirroring;

/// <summary>Brings objects that the mirror lacks, each hashed while it is written.</summary>
internal sealed class ObjectCopier(
    ObjectSource source,
    RepositoryFolder mirror,
    ReadPolicy policy,
    TimeProvider time,
    bool verifyPresent)
{
    // Hides the round trip to the source and the flushes of the mirror's disk behind each other.
    private const int InFlight = 4;

    // What one read holds in memory, and what is lost of a flow that breaks off.
    private const int BufferLength = 256 * 1024;

    // What one request asks for: every pack that a publisher makes by default, and with room.
    private const int MaxRequest = 64 * 1024 * 1024;

    /// <summary>Copies what the mirror lacks.</summary>
    /// <exception cref="BlockIOException">An object cannot be had, or is not what its name
    /// says.</exception>
    public Task CopyAllAsync(
        IEnumerable<NeededObject> objects, SyncTally tally, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            objects,
            new ParallelOptions
            {
                MaxDegreeOfParallelism = InFlight,
                CancellationToken = cancellationToken,
            },
            async (item, token) =>
            {
                bool isThere = await IsThereAsync(item, token).ConfigureAwait(false);
                if (!isThere)
                {
                    await CopyAsync(item, token).ConfigureAwait(false);
                }

                tally.Add(item.Length, wasCopied: !isThere);
            });

    private async ValueTask<bool> IsThereAsync(
        NeededObject item, CancellationToken cancellationToken)
    {
        var file = new FileInfo(mirror.LocateObject(item.Digest));
        if (!file.Exists || file.Length != item.Length || !verifyPresent)
        {
            return file.Exists && file.Length == item.Length;
        }

        FileStream stream = file.OpenRead();
        await using (stream.ConfigureAwait(false))
        {
            return await HashAsync(stream, cancellationToken).ConfigureAwait(false) == item.Digest;
        }
    }

    private static async ValueTask<Digest> HashAsync(
        Stream stream, CancellationToken cancellationToken) =>
        new(await System.Security.Cryptography.SHA256
            .HashDataAsync(stream, cancellationToken).ConfigureAwait(false));

    // A flow that breaks off goes on where it broke off; one that was wrong begins again.
    private async Task CopyAsync(NeededObject item, CancellationToken cancellationToken)
    {
        var retries = new RetrySchedule(policy, time, Jitter.Next, ReadPurpose.Foreground);
        var file = new HashedFile(mirror);
        try
        {
            while (true)
            {
                try
                {
                    await FillAsync(file, item, retries.PastCaches, cancellationToken)
                        .ConfigureAwait(false);
                    file.Keep(item.Digest);
                    return;
                }
                catch (BlockIOException failure)
                {
                    if (!await retries.WaitAsync(failure, cancellationToken).ConfigureAwait(false))
                    {
                        throw;
                    }

                    if (failure.Reason == FailureReason.Corrupt)
                    {
                        file.Dispose();
                        file = new HashedFile(mirror);
                    }
                }
            }
        }
        finally
        {
            file.Dispose();
        }
    }

    private async ValueTask FillAsync(
        HashedFile file, NeededObject item, bool pastCaches, CancellationToken cancellationToken)
    {
        string path = RepositoryPaths.Object(item.Digest);
        if (item.Length == 0)
        {
            Require(file.Finish() == item.Digest, path);
        }

        while (file.Length < item.Length)
        {
            int length = (int)Math.Min(MaxRequest, item.Length - file.Length);
            ObjectBody body = await source.OpenAsync(
                new ObjectRequest(
                    path,
                    file.Length,
                    length,
                    item.Length,
                    PastCaches: pastCaches,
                    Check: CheckOf(item, length)),
                cancellationToken).ConfigureAwait(false);
            await using (body.ConfigureAwait(false))
            {
                await ReadAsync(body, file, length, cancellationToken).ConfigureAwait(false);
                if (file.Length == item.Length)
                {
                    Finish(file, item, path, body);
                }
            }
        }
    }

    private static Func<ReadOnlyMemory<byte>, bool?>? CheckOf(NeededObject item, int length) =>
        length == item.Length ? bytes => Digest.Of(bytes.Span) == item.Digest : null;

    private static async ValueTask ReadAsync(
        ObjectBody body, HashedFile file, int length, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
        for (int done = 0; done < length;)
        {
            Memory<byte> part = buffer.AsMemory(0, Math.Min(BufferLength, length - done));
            await body.FillAsync(part, cancellationToken).ConfigureAwait(false);
            file.Append(part.Span);
            done += part.Length;
        }

        // Not given back after a failure: a read that was abandoned may still write into it.
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private void Finish(HashedFile file, NeededObject item, string path, ObjectBody body)
    {
        bool isRight = file.Finish() == item.Digest;
        body.Judge(isRight);
        Require(isRight, path);
    }

    private void Require(bool isRight, string path)
    {
        if (!isRight)
        {
            throw new BlockIOException(
                FailureReason.Corrupt,
                $"The object {path} from {source} is not what its name says.")
            {
                ObjectName = path,
            };
        }
    }
}
