using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Qcow2.Header;
using VMSeed.Disks.Formats.Qcow2.Space;
using VMSeed.Disks.Formats.Qcow2.Tables;
using VMSeed.Disks.Formats.Qcow2.Writing;

namespace VMSeed.Disks.Formats.Qcow2.Checking;

// Pointers are the truth, refcounts are what follows from them. So the check counts the pointers,
// and a repair sets the refcounts and the marks after them; where the refcounts' own tables are
// damaged, it writes new ones at the end of the file. Pointers themselves are never changed: where
// one aims past the file, or at a table, nobody knows what was there.

/// <summary>Checks an image, and repairs it. Nothing else changes it meanwhile, and all changes of
/// before are in the file.</summary>
/// <param name="files">The image.</param>
/// <param name="repair">Where repairs are made; null: nothing is changed.</param>
/// <param name="commit">What makes repairs durable; null without any.</param>
internal sealed class Qcow2Check(Qcow2Files files, Qcow2Space? repair, Qcow2Commit? commit)
{
    private const ulong BitmapsAutoclear = 1;

    /// <summary>Runs the check.</summary>
    public async ValueTask<CheckReport> RunAsync(
        IProgress<double>? progress, CancellationToken cancellationToken)
    {
        if ((files.Header.Autoclear & BitmapsAutoclear) != 0)
        {
            throw DiskFormatException.Unsupported(
                "The qcow2 has bitmaps of what its guest has changed, whose clusters are not known "
                + "here; it cannot be checked.");
        }

        var scope = new CheckScope(files, new CheckTally(), progress);
        await new TableWalk(scope).RunAsync(cancellationToken).ConfigureAwait(false);
        scope.Expect((2L * scope.L2Tables.Count) + scope.CountBlocks.Count);
        var clusters = new ClusterWalk(scope);
        byte[] table = new byte[scope.Geometry.ClusterSize];
        foreach ((long offset, uint times) in scope.L2Tables)
        {
            await scope.ReadAsync(offset, table, cancellationToken).ConfigureAwait(false);
            clusters.Walk(table, offset, times);
            scope.Advance();
        }

        await new CopiedCheck(scope, repair is not null).RunAsync(cancellationToken)
            .ConfigureAwait(false);
        await new CountCheck(scope, repair).RunAsync(cancellationToken).ConfigureAwait(false);
        if (repair is not null)
        {
            await FinishAsync(scope, cancellationToken).ConfigureAwait(false);
        }

        return scope.Report.Report();
    }

    private async ValueTask FinishAsync(CheckScope scope, CancellationToken cancellationToken)
    {
        if (scope.HasBrokenCounts)
        {
            await RebuildAsync(scope, cancellationToken).ConfigureAwait(false);
            scope.Report.Repaired += scope.CountFaults;
        }

        long left = scope.BadPointers - scope.CountFaults;
        Qcow2Features mended = Qcow2Features.Dirty
            | (left == 0 ? Qcow2Features.Corrupt : Qcow2Features.None);
        if ((files.Header.Incompatible & mended) != 0)
        {
            // The marks go when what they stand for is durable.
            await commit!.WriteAsync(cancellationToken).ConfigureAwait(false);
            files.Header = files.Header with
            {
                Incompatible = files.Header.Incompatible & ~mended,
            };
        }

        await commit!.WriteAsync(cancellationToken).ConfigureAwait(false);
    }

    // Without the old table and its blocks, which nothing names any more.
    private async ValueTask RebuildAsync(CheckScope scope, CancellationToken cancellationToken)
    {
        var old = new HashSet<long>(scope.CountBlocks.Values);
        for (int i = 0; i < files.Header.CountTableClusters; i++)
        {
            old.Add(files.Header.CountTableOffset + ((long)i << scope.Geometry.ClusterBits));
        }

        await repair!.Counts.StartAnewAsync(cancellationToken).ConfigureAwait(false);
        foreach ((long cluster, uint count) in scope.Pointers.All())
        {
            if (!old.Contains(cluster << scope.Geometry.ClusterBits))
            {
                await repair.Counts.SetAsync(cluster, count, cancellationToken)
                    .ConfigureAwait(false);
            }
        }
    }
}
