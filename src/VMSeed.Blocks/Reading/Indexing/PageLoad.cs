using VMSeed.Blocks.Sources;

namespace VMSeed.Blocks.Reading.Indexing;

/// <summary>One index page on its way, for any number of readers.</summary>
/// <param name="purpose">Why it began.</param>
/// <param name="load">Brings the page; called once, by the first who waits.</param>
internal sealed class PageLoad(ReadPurpose purpose, Func<Task<IndexLeaf?>> load)
{
    private readonly Lazy<Task<IndexLeaf?>> _task = new(() => Observed(load()));

    public ReadPurpose Purpose => purpose;

    /// <summary>The leaf; null for a page above the leaves.</summary>
    public Task<IndexLeaf?> Task => _task.Value;

    // Whoever waited may have given up; the failure is then nobody's.
    private static Task<IndexLeaf?> Observed(Task<IndexLeaf?> task)
    {
        _ = task.ContinueWith(
            static failed => _ = failed.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        return task;
    }
}
