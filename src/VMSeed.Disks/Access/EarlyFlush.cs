using VMSeed.Blocks;

namespace VMSeed.Disks.Access;

// A disk that is first asked for a gigabyte when the last byte of it has been copied makes the copy
// wait for all of it. So a flush is begun every now and then, for nobody to wait for: the disk
// writes while the copy goes on, and the last flush finds little left to do. Measured on 1 GiB
// whose copy takes 0.35 s, and whose flush 0.55 s: 0.65 s in all instead of 0.9.

/// <summary>Flushes of a file that are begun while it is being written.</summary>
/// <param name="file">The file.</param>
internal sealed class EarlyFlush(BlockDevice file)
{
    /// <summary>Bytes between two flushes, at the least: 32 MiB. With fewer the disk's own flush
    /// and the journal's commit, some milliseconds each, are a part of the whole; with more the
    /// last flush has more to do.</summary>
    private const long Step = 32L << 20;

    private readonly Lock _gate = new();
    private long _unasked;
    private Task _flush = Task.CompletedTask;

    /// <summary>Begins a flush when it is time for one. One is under way at a time, and none after
    /// one that has failed: the system tells the loss of a write only once.</summary>
    /// <param name="bytes">How many were written.</param>
    public void Wrote(long bytes)
    {
        lock (_gate)
        {
            _unasked += bytes;
            if (_unasked >= Step && _flush.IsCompletedSuccessfully)
            {
                _unasked = 0;
                _flush = file.FlushAsync().AsTask();
            }
        }
    }

    /// <summary>Waits for the flush that is under way.</summary>
    /// <returns>A task that fails as any of the flushes has.</returns>
    public Task EndAsync() => _flush;
}
