using VMSeed.Disks.Formats.Qcow2.Space;
using VMSeed.Disks.Formats.Qcow2.Tables;

namespace VMSeed.Disks.Formats.Qcow2.Writing;

/// <summary>Makes what has changed durable, in the order of <see cref="Qcow2Ranks"/>. Called under
/// the disk's gate.</summary>
internal sealed class Qcow2Commit(Qcow2Files files, Qcow2Space space)
{
    private readonly Qcow2HeaderWriter _header = new(files);

    /// <summary>Whether there is anything to write.</summary>
    public bool IsDirty => files.Tables.IsDirty || space.HasReleases || _header.IsDirty;

    /// <summary>Writes, flushes, and only then counts what was let go.</summary>
    public async ValueTask WriteAsync(CancellationToken cancellationToken)
    {
        await space.TrimAsync(cancellationToken).ConfigureAwait(false);
        if (files.Data != files.File)
        {
            await files.Data.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        await WriteTablesAsync(cancellationToken).ConfigureAwait(false);
        await files.File.FlushAsync(cancellationToken).ConfigureAwait(false);
        if (space.HasReleases)
        {
            await space.ApplyReleasesAsync(cancellationToken).ConfigureAwait(false);
            await files.Tables
                .WriteRankAsync(Qcow2Ranks.Counts, cancellationToken, flushFirst: false)
                .ConfigureAwait(false);
            await files.File.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        space.Recycler.Committed();
    }

    private async ValueTask WriteTablesAsync(CancellationToken cancellationToken)
    {
        await files.Tables
            .WriteRankAsync(Qcow2Ranks.Counts, cancellationToken, flushFirst: false)
            .ConfigureAwait(false);
        await files.Tables.WriteRankAsync(Qcow2Ranks.CountTable, cancellationToken)
            .ConfigureAwait(false);
        if (_header.IsDirty)
        {
            await files.File.FlushAsync(cancellationToken).ConfigureAwait(false);
            await _header.WriteAsync(cancellationToken).ConfigureAwait(false);
        }

        await files.Tables.WriteRankAsync(Qcow2Ranks.L2, cancellationToken).ConfigureAwait(false);
        await files.Tables.WriteRankAsync(Qcow2Ranks.L1, cancellationToken).ConfigureAwait(false);
    }
}
