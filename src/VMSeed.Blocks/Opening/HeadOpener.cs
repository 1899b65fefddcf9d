using VMSeed.Blocks.Diagnostics;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Reading;
using VMSeed.Blocks.Sources;
using VMSeed.Blocks.Trust;
using VMSeed.Blocks.Trust.Freshness;

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
    HeadMemory memory,
    ReadPolicy policy,
    TimeProvider time,
    DiskLog log)
{
    /// <summary>
    /// Patience with servers when there is a head to go on with. Longer: a laptop in a train waits
    /// for its disk; shorter: a server that restarts is passed over for an old version.
    /// </summary>
    private static readonly TimeSpan _offlineDeadline = TimeSpan.FromSeconds(5);

    private readonly HeadReader _reader =
        new(address.Image, address.HeadPath, source.ToString()!, trust);

    public async Task<VerifiedHead> OpenAsync(CancellationToken cancellationToken)
    {
        if (trust.IsUnsigned)
        {
            log.Unsigned(address.Image);
        }

        AcceptedHead? recalled = Recall();
        if (recalled is not null && _reader.TryRead(recalled.File) is { } former)
        {
            // So that the address itself may be gone, as long as one of its mirrors is not.
            source.UseMirrors(former.Head.Mirrors);
        }

        byte[] file;
        try
        {
            file = await FetchAsync(recalled, cancellationToken).ConfigureAwait(false);
        }
        catch (BlockIOException failure)
            when (failure.Reason == FailureReason.Unavailable && recalled is not null)
        {
            VerifiedHead old = _reader.Read(recalled.File);
            log.OpenedOffline(address.Image, failure.Message, old.Head.Version);
            return old;
        }

        VerifiedHead verified = _reader.Read(file);
        await memory
            .AcceptAsync(verified.Facts, file, address.HeadPath, cancellationToken)
            .ConfigureAwait(false);
        source.UseMirrors(verified.Head.Mirrors);
        return verified;
    }

    // A memory that was tampered with must not keep a good head from a server out.
    private AcceptedHead? Recall()
    {
        try
        {
            return memory.Recall();
        }
        catch (BlockIOException refused)
        {
            log.MemoryRefused(address.Image, refused.Message);
            return null;
        }
    }

    private async Task<byte[]> FetchAsync(
        AcceptedHead? recalled, CancellationToken cancellationToken)
    {
        ReadPolicy patience = recalled is not null && policy.Deadline > _offlineDeadline
            ? policy with { Deadline = _offlineDeadline }
            : policy;
        var retries = new RetrySchedule(patience, time, Jitter.Next, ReadPurpose.Foreground);
        while (true)
        {
            try
            {
                return await source
                    .ReadWholeAsync(
                        address.HeadPath,
                        SignedText.MaxFileSize,
                        bytes => Judge(bytes, recalled),
                        cancellationToken)
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

    // What is signed and old is nobody's lie: a mirror is late.
    private bool? Judge(ReadOnlyMemory<byte> file, AcceptedHead? recalled)
    {
        if (_reader.TryRead(file) is not { } verified
            || (address.Version ?? verified.Head.Version) != verified.Head.Version)
        {
            return false;
        }

        return memory.WouldAccept(verified.Facts, recalled) ? true : null;
    }
}
