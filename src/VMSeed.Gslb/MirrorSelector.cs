using VMSeed.Gslb.Hedging;
using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Selection;

namespace VMSeed.Gslb;

/// <summary>Chooses a mirror for each request, and learns from what came of it; knows nothing of
/// HTTP.</summary>
/// <remarks>Safe for any number of threads.</remarks>
public sealed class MirrorSelector
{
    /// <summary>The most mirrors of one selector: a choice looks at each of them.</summary>
    public const int MostMirrors = 100;

    private readonly TimeProvider _time;
    private readonly long _began;

    /// <summary>Makes a selector.</summary>
    /// <param name="mirrors">The mirrors, 1 to 100.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">Chance: the next number from 0 to 1; called under the selector's
    /// lock.</param>
    /// <exception cref="ArgumentException">There is no mirror, or there are too many.</exception>
    internal MirrorSelector(
        IReadOnlyList<Mirror> mirrors, TimeProvider time, Func<double> random)
    {
        if (mirrors.Count is 0 or > MostMirrors)
        {
            throw new ArgumentException(
                $"{mirrors.Count} mirrors were given; there must be 1 to {MostMirrors}.",
                nameof(mirrors));
        }

        _time = time;
        _began = time.GetTimestamp();
        Site[] sites = [.. mirrors.Select((mirror, index) => new Site(mirror, index, random))];
        Desk = new FetchDesk(new SiteSelector(sites, random), new FetchPolicy(), random);
    }

    /// <summary>Milliseconds since the selector was made.</summary>
    internal double Now => _time.GetElapsedTime(_began).TotalMilliseconds;

    /// <summary>What all fetches share.</summary>
    internal FetchDesk Desk { get; }

    /// <summary>Begins a fetch.</summary>
    /// <param name="request">What is fetched.</param>
    /// <returns>The machine, to be driven.</returns>
    internal MirrorFetch Begin(in FetchRequest request) => new(Desk, request, Now);
}
