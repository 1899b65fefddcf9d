using VMSeed.Blocks.Overlay.Format;

namespace VMSeed.Blocks.Overlay;

// A flush is
//
//     take the changed pages of the state map ► flush the file ► write the pages ► flush the file
//
// and the first step is what makes it right: a state gets into a page after its bytes have been
// written, so the bytes of all states that were taken are safe when the first flush has ended, and
// a state that comes later waits for the next flush. Whatever power leaves of the pages, each state
// in them holds. Where no state has changed, a flush is one fdatasync, as for any raw file.
//
// A flush that failed has lost something, and nobody can say what: the kernel drops the pages that
// it could not write and calls them clean (LWN 752063), so that the next flush would succeed and
// make states durable whose bytes are gone. So after one nothing is committed any more; opened
// again, the overlay is as its last good flush left it.

/// <summary>Makes what was written durable; those who ask at the same time share one
/// flush.</summary>
internal sealed class OverlayCommit(BlockDevice file, StateMap states) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private long _asked;
    private long _answered;
    private IOException? _failure;

    internal async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        long mine = Interlocked.Increment(ref _asked);
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_answered < mine)
            {
                long all = Volatile.Read(ref _asked);
                await CommitAsync().ConfigureAwait(false);
                _answered = all;
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private async ValueTask CommitAsync()
    {
        if (_failure is not null)
        {
            throw new IOException(
                $"An earlier flush of {file} failed, and what it was to make safe may be lost. "
                + "Nothing more is committed; opened again, the overlay is as its last flush that "
                + "succeeded left it.",
                _failure);
        }

        List<PendingPage> pages = states.TakeChanged();
        bool areWritten = false;
        try
        {
            await FlushFileAsync().ConfigureAwait(false);
            foreach (PendingPage page in pages)
            {
                await file.WriteAsync(OverlayLayout.OffsetOfPage(page.Number), page.Bytes)
                    .ConfigureAwait(false);
            }

            areWritten = true;
        }
        finally
        {
            // If the disk was full, nothing is lost, and there may be room the next time.
            states.Settle(pages, areWritten);
        }

        if (pages.Count > 0)
        {
            await FlushFileAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask FlushFileAsync()
    {
        try
        {
            await file.FlushAsync().ConfigureAwait(false);
        }
        catch (IOException failure)
        {
            _failure = failure;
            throw;
        }
    }
}
