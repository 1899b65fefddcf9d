using VMSeed.Blocks.Images.Packs;

namespace VMSeed.Blocks.Verification;

/// <summary>Frames of one pack that lie so near to each other that one request brings
/// them.</summary>
internal readonly record struct FrameRun(
    PackRecord Pack, IReadOnlyList<int> Frames, long Offset, int Length)
{
    // One request in flight costs this much memory, and a frame of the largest size fits.
    private const int MaxLength = 4 * 1024 * 1024;

    // Bytes between two frames that are read and thrown away, where a request of its own would take
    // longer: a round trip of 5 ms at 100 Mbit/s.
    private const int MaxGap = 64 * 1024;

    /// <summary>Parts the frames of a table into runs.</summary>
    public static IEnumerable<FrameRun> Of(FrameTable table)
    {
        int[] order = [.. Enumerable.Range(0, table.Frames.Length)];
        Array.Sort(order, (a, b) =>
            (table.Frames[a].Pack, table.Frames[a].Offset).CompareTo(
                (table.Frames[b].Pack, table.Frames[b].Offset)));
        var run = new List<int>();
        long start = 0;
        long end = 0;
        foreach (int index in order)
        {
            FrameRecord frame = table.Frames[index];
            long frameEnd = frame.Offset + frame.StoredLength;
            if (run.Count > 0 && (table.Frames[run[0]].Pack != frame.Pack
                || frame.Offset > end + MaxGap || frameEnd - start > MaxLength))
            {
                yield return new(table.Packs[table.Frames[run[0]].Pack], run, start,
                    (int)(end - start));
                run = [];
            }

            if (run.Count == 0)
            {
                (start, end) = (frame.Offset, frame.Offset);
            }

            run.Add(index);
            end = Math.Max(end, frameEnd);
        }

        if (run.Count > 0)
        {
            yield return new(table.Packs[table.Frames[run[0]].Pack], run, start,
                (int)(end - start));
        }
    }
}
