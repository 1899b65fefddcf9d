using System.Runtime.InteropServices;
using VMSeed.Blocks.Images.Packs;

namespace VMSeed.Blocks.Reading.Flights;

/// <summary>Cuts a set of flights into ranged requests.</summary>
internal static class RangePlanner
{
    /// <summary>
    /// Bytes of one request at the most. Larger: the first block of a run waits for nothing, but a
    /// stalled request holds more readers back, and mirrors hedge whole bodies up to this size.
    /// Smaller: more requests than a line of 80 ms and 100 Mbit/s, which holds 1 MB, needs.
    /// </summary>
    public const int MaxRequest = 1024 * 1024;

    /// <summary>
    /// Bytes that nobody asked for between two frames of a request at the most: what 20 ms bring on
    /// a slow line of 12 Mbit/s. Larger: waste; smaller: a request more for every small hole.
    /// </summary>
    public const int MaxGap = 32 * 1024;

    public static List<FrameRun> Plan(List<BlockFlight> flights)
    {
        flights.Sort(ByPackThenOffset);
        var runs = new List<FrameRun>();
        foreach (BlockFlight flight in flights)
        {
            FrameRecord frame = flight.Frame;
            FrameRun? run = runs.Count > 0 ? runs[^1] : null;
            if (run is not null && run.Pack == flight.Pack && IsLastOf(run, frame))
            {
                run.Frames[^1].Flights.Add(flight);
                continue;
            }

            if (run is null || run.Pack != flight.Pack || !Continues(run, frame))
            {
                run = new FrameRun(flight.Pack);
                runs.Add(run);
            }

            run.Frames.Add((frame, [flight]));
        }

        return runs;
    }

    // Each leaf numbers its packs itself.
    private static bool IsLastOf(FrameRun run, FrameRecord frame) =>
        run.Frames[^1].Frame with { Pack = 0 } == frame with { Pack = 0 };

    // Frames overlap only where a publisher lies; each then gets a request of its own.
    private static bool Continues(FrameRun run, FrameRecord frame) =>
        frame.Offset >= run.End
        && frame.Offset - run.End <= MaxGap
        && frame.Offset + frame.StoredLength - run.Offset <= MaxRequest;

    private static int ByPackThenOffset(BlockFlight left, BlockFlight right)
    {
        ReadOnlySpan<PackRecord> packs = [left.Pack, right.Pack];
        int order = MemoryMarshal.AsBytes(packs[..1])
            .SequenceCompareTo(MemoryMarshal.AsBytes(packs[1..]));
        return order != 0 ? order : left.Frame.Offset.CompareTo(right.Frame.Offset);
    }
}
