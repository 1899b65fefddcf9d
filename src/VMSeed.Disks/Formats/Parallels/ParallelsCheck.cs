using VMSeed.Blocks;
using VMSeed.Disks.Drivers;

namespace VMSeed.Disks.Formats.Parallels;

/// <summary>Holds a table against its file, and mends it: what lies outside becomes zeros, what
/// overlaps becomes a copy, what lies past the last cluster is cut off.</summary>
internal static class ParallelsCheck
{
    /// <param name="file">The image's file.</param>
    /// <param name="map">Its map; of an image that is open for writing when it is to be
    /// mended.</param>
    /// <param name="tally">Takes what is found.</param>
    /// <param name="repair">Whether to mend; the map has begun.</param>
    /// <param name="progress">Hears the share that is done.</param>
    /// <param name="cancellationToken">Gives the check up.</param>
    public static async ValueTask RunAsync(
        BlockDevice file,
        ParallelsMap map,
        CheckTally tally,
        bool repair,
        IProgress<double>? progress,
        CancellationToken cancellationToken)
    {
        ParallelsSurvey survey = await map.SurveyAsync(cancellationToken).ConfigureAwait(false);
        long fileLength = file.Length;
        HashSet<uint> seen = [];
        for (int block = 0; block < map.Header.EntryCount; block++)
        {
            uint entry = await map.EntryAsync(block, cancellationToken).ConfigureAwait(false);
            progress?.Report((double)block / map.Header.EntryCount);
            if (entry == 0)
            {
                continue;
            }

            tally.AllocatedBytes += map.BlockSize;
            if (!ParallelsSurvey.IsInside(map.Header, entry, fileLength))
            {
                tally.Error(
                    $"Cluster {block} lies at {Offset(map, entry)}, outside of the file of "
                    + $"{fileLength} bytes.");
                if (repair)
                {
                    await map.DropAsync(block, cancellationToken).ConfigureAwait(false);
                    tally.Repaired++;
                }
            }
            else if (survey.Shared.Contains(entry) && IsOther(survey, seen, entry))
            {
                tally.Error(
                    $"Cluster {block} lies at {Offset(map, entry)}, where another one lies.");
                if (repair)
                {
                    await map.CopyAsync(block, Offset(map, entry), cancellationToken)
                        .ConfigureAwait(false);
                    tally.Repaired++;
                }
            }
        }

        FindLeak(survey, fileLength, tally, repair);
        progress?.Report(1);
    }

    // Of those with one place the first keeps it; of those that overlap, the first in the file.
    private static bool IsOther(ParallelsSurvey survey, HashSet<uint> seen, uint entry) =>
        !survey.IsFirst(entry) || !seen.Add(entry);

    // Cut off by the commit that follows a repair.
    private static void FindLeak(
        ParallelsSurvey survey, long fileLength, CheckTally tally, bool repair)
    {
        if (fileLength > survey.End)
        {
            tally.Leak($"{fileLength - survey.End} bytes lie past the last cluster.");
            tally.Repaired += repair ? 1 : 0;
        }
    }

    private static long Offset(ParallelsMap map, uint entry) =>
        (long)entry * map.Header.EntryUnit;
}
