namespace VMSeed.Tool.Seeds;

/// <summary>Tells a progress bar how much of a list has been fetched.</summary>
internal sealed class WarmTicks(IProgress<(long Done, long Total)> bar, long total)
    : IProgress<long>
{
    public void Report(long value) => bar.Report((value, total));
}
