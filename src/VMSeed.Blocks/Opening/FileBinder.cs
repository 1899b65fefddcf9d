using VMSeed.Blocks.Diagnostics;
using VMSeed.Blocks.Images;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Reading;
using VMSeed.Blocks.Sources;
using VMSeed.Blocks.Sources.Http.Files;

namespace VMSeed.Blocks.Opening;

/// <summary>Binds a file to the version that its server has now, and decides whether that is
/// enough to go by.</summary>
internal sealed class FileBinder(
    HttpFileSource source,
    ReadPolicy policy,
    TimeProvider time,
    DiskLog log,
    DiskCounters counters)
{
    /// <summary>Asks until the server answers.</summary>
    /// <param name="firstLength">Bytes to ask for.</param>
    /// <param name="allowUnbound">Whether a version that nothing names will do.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The version.</returns>
    /// <exception cref="BlockIOException">The file cannot be had, or not read safely.</exception>
    public async Task<FileVersion> BindAsync(
        int firstLength, bool allowUnbound, CancellationToken cancellationToken)
    {
        FileVersion version =
            await AskAsync(firstLength, cancellationToken).ConfigureAwait(false);
        if (version.Length > ImageGeometry.MaxLength)
        {
            throw Refused($"is said to have {version.Length} bytes; no file has more than 2^62");
        }

        if (!version.IsBound)
        {
            if (!allowUnbound)
            {
                throw Refused(
                    "has neither a strong ETag nor a Last-Modified, so that a change under its "
                    + "reader would go unseen; with the option AllowUnbound it is read "
                    + "nonetheless");
            }

            log.Unbound(source.ToString(), version.Length);
        }

        return version;
    }

    private async Task<FileVersion> AskAsync(int length, CancellationToken cancellationToken)
    {
        var retries = new RetrySchedule(policy, time, Jitter.Next, ReadPurpose.Foreground);
        while (true)
        {
            try
            {
                return await source.BindAsync(length, retries.PastCaches, cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (BlockIOException failure)
            {
                // The one that succeeds is counted by whoever uses its bytes.
                counters.CountRequest(length, ReadPurpose.Foreground);
                counters.CountFailure(failure);
                log.FetchFailed(source.ToString(), failure);
                if (!await retries.WaitAsync(failure, cancellationToken).ConfigureAwait(false))
                {
                    throw;
                }
            }
        }
    }

    private BlockIOException Refused(string fact) =>
        new(FailureReason.Refused, $"{source} {fact}.") { ObjectName = source.ToString() };
}
