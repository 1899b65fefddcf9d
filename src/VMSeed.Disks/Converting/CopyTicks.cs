namespace VMSeed.Disks.Converting;

/// <summary>Adds up what a copy has done, and tells it in order.</summary>
/// <param name="total">Bytes in all.</param>
/// <param name="progress">Who hears it.</param>
internal sealed class CopyTicks(long total, IProgress<CopyProgress>? progress)
{
    private readonly Lock _gate = new();
    private long _done;

    public void Add(long bytes)
    {
        if (progress is null)
        {
            return;
        }

        lock (_gate)
        {
            _done += bytes;
            progress.Report(new CopyProgress(_done, total));
        }
    }
}
