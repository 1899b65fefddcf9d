namespace VMSeed.Tool.Tests.Guests;

/// <summary>What a server was asked for, and the bytes that it sent.</summary>
internal sealed record Served(IReadOnlyList<ServedRange> Requests, long Bytes)
{
    // Of two wanted frames that lie no further apart, one request brings what is between them too:
    // that costs less than a second request (RangePlanner.MaxGap).
    private const long Gap = 32 * 1024;

    // Heads change; all else of a repository is named by its content, and fetched once.
    private const string Objects = "/objects/";

    /// <summary>Frames that were asked for though they had been fetched before: alone, at an end of
    /// a request, or between two others and longer than what is taken along.</summary>
    public IEnumerable<ServedRange> AskedAgain(IReadOnlyList<ServedRange> fetched)
    {
        HashSet<ServedRange> known =
        [
            .. fetched.Where(frame => frame.Path.StartsWith(Objects, StringComparison.Ordinal)),
        ];
        foreach (ServedRange request in Requests)
        {
            long end = request.Start;
            long start = end;
            foreach (ServedRange frame in known.Where(request.Has).OrderBy(frame => frame.Start))
            {
                start = frame.Start == end ? start : frame.Start;
                end = frame.End;
                if (start == request.Start || end == request.End || end - start > Gap)
                {
                    yield return frame;
                }
            }
        }
    }
}
