using VMSeed.Blocks.Images;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Sources;

namespace VMSeed.Blocks.Reading;

/// <summary>Brings ranges because somebody asked for them, not on a guess.</summary>
internal sealed class Downloader(
    ImageGeometry geometry, Prefetcher prefetcher, ReadContext context)
{
    /// <summary>Brings a range, behind every read that somebody waits for.</summary>
    /// <exception cref="BlockIOException">A block cannot be had.</exception>
    public async Task DownloadAsync(
        long offset, long length, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        int step = Math.Max(1, ReadAhead.MaxWindow / geometry.BlockSize);
        long end = length == 0 ? 0 : geometry.BlockAt(offset + length - 1) + 1;
        for (long block = geometry.BlockAt(offset); block < end; block += step)
        {
            int count = (int)Math.Min(step, end - block);
            await FetchAsync(block, count, cancellationToken).ConfigureAwait(false);
            progress?.Report(Math.Min(length, geometry.OffsetOf(block + count) - offset));
        }
    }

    // A guess fails at once; somebody waits for this one.
    private async Task FetchAsync(long block, int count, CancellationToken cancellationToken)
    {
        RetrySchedule retries = context.NewSchedule(ReadPurpose.Foreground);
        bool done = false;
        while (!done)
        {
            try
            {
                await prefetcher
                    .PrefetchAsync(block, count, long.MaxValue, cancellationToken)
                    .ConfigureAwait(false);
                done = true;
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
}
