using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Transport.Fetching;
using VMSeed.Gslb.Transport.Requests;

namespace VMSeed.Gslb.Transport.Streaming;

/// <summary>Hears whether the bytes of a stream were right, and knows who brought them.</summary>
/// <remarks>Bytes that the reader has got cannot be taken back: a rejection ends the part, so that
/// what follows comes from elsewhere, and blames whoever brought what was rejected. Where two
/// mirrors brought it, none is blamed: to find out which was wrong would take both parts from a
/// third one. The stream leaves the second, and goes on at a mirror whose next window is its own;
/// whoever asks again for what was rejected gets it checked whole. So the guilty one is found by
/// the next thing that it sends, at the price of one more window, and no wrong byte is passed
/// on.</remarks>
/// <param name="fleet">The mirrors.</param>
/// <param name="plan">What the stream is of.</param>
/// <param name="first">The place in the file of the stream's first byte.</param>
internal sealed class StreamVerdict(Fleet fleet, RequestPlan plan, long first)
{
    private readonly Lock _gate = new();
    private readonly List<StreamPart> _parts = [];
    private long _judged;
    private long _position;
    private uint _sum;
    private StreamPart? _rejected;

    /// <summary>Another mirror takes over.</summary>
    /// <param name="part">Its part.</param>
    public void TakeOver(StreamPart part)
    {
        lock (_gate)
        {
            _parts.Add(part);
        }
    }

    /// <summary>The reader has got bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    public void Take(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            _position += bytes.Length;
            _sum = PastCaches.Sum(bytes, _sum);
        }
    }

    /// <summary>Whether a part is not to be read on.</summary>
    /// <param name="part">The part.</param>
    /// <returns>True after a rejection of what it brought.</returns>
    public bool IsRejected(StreamPart part)
    {
        lock (_gate)
        {
            return part == _rejected;
        }
    }

    /// <summary>Bytes have been judged.</summary>
    /// <param name="judged">How many, from the stream's first.</param>
    /// <param name="isRight">Whether those since the verdict before are right.</param>
    public void Judge(long judged, bool isRight)
    {
        StreamPart? guilty = null;
        ByteWish wish;
        uint? sum;
        lock (_gate)
        {
            judged = Math.Clamp(judged, _judged, _position);
            wish = new ByteWish(first + _judged, first + judged - 1);
            sum = judged == _position ? _sum : null;
            if (!isRight && judged > _judged)
            {
                guilty = FindOnly(_judged, judged);
                _rejected = guilty is null || guilty == _parts[^1] ? _parts[^1] : null;
            }

            (_judged, _sum) = (judged, 0);
        }

        if (guilty is not null)
        {
            Accuse(guilty, wish, sum);
        }
    }

    private StreamPart? FindOnly(long from, long to)
    {
        StreamPart? found = null;
        foreach (StreamPart part in _parts)
        {
            if (part.Start < to && part.Start + part.Received > from)
            {
                if (found is not null)
                {
                    return null;
                }

                found = part;
            }
        }

        return found;
    }

    private void Accuse(StreamPart part, in ByteWish wish, uint? sum)
    {
        if (!part.IsSuspicious)
        {
            fleet.Blame(
                part.Site,
                part.Server,
                AttemptOutcome.Corrupt,
                $"it sent wrong bytes of {plan.Path}");
            return;
        }

        // A failure counts in any case: what the reader sees is a mirror that serves it badly.
        fleet.Blame(
            part.Site, part.Server, AttemptOutcome.Malformed, $"wrong bytes of {plan.Path} came");
        if (sum is { } known && wish.Length <= AttemptRun.LongestBody)
        {
            RequestPlan again = plan with { Wish = wish, Check = null, Progress = null };
            fleet.PastCaches.Begin(again, part.Site, known);
        }
    }
}
