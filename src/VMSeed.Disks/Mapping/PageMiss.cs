namespace VMSeed.Disks.Mapping;

/// <summary>What a look-up lacks: a page of the tables that is not in memory.</summary>
/// <param name="Tables">Whose page.</param>
/// <param name="Offset">A byte of their file that it holds.</param>
internal readonly record struct PageMiss(TablePages Tables, long Offset)
{
    /// <summary>Loads it.</summary>
    /// <param name="cancellationToken">Gives the wait up; the loading goes on.</param>
    /// <returns>A task that is done when it is in memory.</returns>
    public async ValueTask LoadAsync(CancellationToken cancellationToken) =>
        await Tables.GetAsync(Offset, cancellationToken).ConfigureAwait(false);
}
