using VMSeed.Blocks.Diagnostics;
using VMSeed.Blocks.Images.Heads;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Reading;
using VMSeed.Blocks.Sources;
using VMSeed.Blocks.Trust;

namespace VMSeed.Blocks.Opening;

/// <summary>Brings an image's head, and decides whether it is to be believed.</summary>
/// <remarks>
/// Nothing of a head is used before a pinned key has vouched for its bytes; then it must be a head
/// of the image that was asked for, and not older than what was accepted before. When no server
/// answers, the head that was accepted last is used again, with a warning.
/// </remarks>
internal sealed class HeadOpener(
    RepositoryAddress address,
    ObjectSource source,
    TrustPolicy trust,
    ReadPolicy policy,
    TimeProvider time,
    DiskLog log)
{
    public async Task<ImageHead> OpenAsync(CancellationToken cancellationToken)
    {
        if (trust.IsUnsigned)
        {
            log.Unsigned(address.Image);
        }

        byte[] file = await FetchAsync(cancellationToken).ConfigureAwait(false);
        return Believe(file);
    }

    private async Task<byte[]> FetchAsync(CancellationToken cancellationToken)
    {
        var retries = new RetrySchedule(
            policy, time, Jitter.Next, ReadPurpose.Foreground);
        while (true)
        {
            try
            {
                return await source
                    .ReadWholeAsync(
                        address.HeadPath, SignedText.MaxFileSize, cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (BlockIOException failure)
            {
                log.FetchFailed(address.HeadPath, failure);
                if (!await retries.WaitAsync(failure, cancellationToken).ConfigureAwait(false))
                {
                    throw;
                }
            }
        }
    }

    private ImageHead Believe(byte[] file)
    {
        SignedText text = SignedText.Split(file, address.HeadPath);
        _ = trust.Verify(text);
        try
        {
            ImageHead head = HeadJson.Read(text.Body.Span);
            return head.Name != address.Image
                ? throw Refused($"it is the head of '{head.Name}'")
                : address.Version is { } version && version != head.Version
                    ? throw Refused($"it is the head of version {head.Version}")
                    : head;
        }
        catch (InvalidDataException exception)
        {
            throw Refused(exception.Message, exception);
        }
    }

    private BlockIOException Refused(string fact, Exception? inner = null) => new(
        FailureReason.Refused,
        $"The head {address.HeadPath} from {source} is refused: {fact}.",
        inner)
    {
        ObjectName = address.HeadPath,
    };
}
