using VMSeed.Disks.Converting;

namespace VMSeed.Tool.Copying;

/// <summary>Tells a progress bar how far a copy is.</summary>
internal sealed class CopyTicks(IProgress<(long Done, long Total)> bar) : IProgress<CopyProgress>
{
    public void Report(CopyProgress value) => bar.Report((value.DoneBytes, value.TotalBytes));
}
