using VMSeed.Blocks.Publishing;

namespace VMSeed.Tool.Publishing;

/// <summary>A publish's progress as a bar wants it.</summary>
internal sealed class PublishTicks(IProgress<(long Done, long Total)> bar)
    : IProgress<PublishProgress>
{
    public void Report(PublishProgress value) => bar.Report((value.Position, value.Length));
}
