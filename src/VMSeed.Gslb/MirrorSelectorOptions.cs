using VMSeed.Gslb.Hedging;
using VMSeed.Gslb.Selection;

namespace VMSeed.Gslb;

/// <summary>How long a fetch may take, and what it may cost the mirrors.</summary>
/// <remarks>The usual values were tuned in virtual time over thirteen sites (docs/BENCHMARKS.md).
/// What else a choice depends on has no setting: it is measured.</remarks>
public sealed class MirrorSelectorOptions
{
    private const double LeastDeadline = 1;
    private const double LongestDeadline = 600;
    private const int MostAttemptsOfAll = 10;
    private const double MostHedgeShare = 0.5;
    private const double MostRetryShare = 1;
    private const double MostExploration = 0.1;

    /// <summary>The time after which a fetch fails, unless its body is a stream that has
    /// begun.</summary>
    /// <value>30 s by default, for the disks of Linux guests time out then; 1 s to 10
    /// minutes.</value>
    public TimeSpan Deadline { get; set; } = TimeSpan.FromMilliseconds(FetchPolicy.UsualDeadline);

    /// <summary>The requests that one fetch makes, hedges among them, before it fails. More are
    /// made while there is a mirror in use that it has not asked.</summary>
    /// <value>4 by default; 1 to 10.</value>
    public int MostAttempts { get; set; } = FetchPolicy.UsualAttempts;

    /// <summary>The requests that are made while another is late, for each fetch, in the long run;
    /// ten may come at once.</summary>
    /// <value>0.05 by default; 0 to 0.5. With 0 nothing is hedged but the small file that all else
    /// waits for, which is raced while mirrors are unknown.</value>
    public double HedgeShare { get; set; } = HedgeBudget.UsualShare;

    /// <summary>The requests that are made after one that failed, for each fetch, in the long run,
    /// beside two a second that there may be in any case.</summary>
    /// <value>0.2 by default; 0 to 1. Where there may be none now, a retry waits.</value>
    public double RetryShare { get; set; } = RetryBudget.UsualShare;

    /// <summary>The share of the requests that nobody waits for that goes to mirrors which were
    /// not measured for half a minute.</summary>
    /// <value>0.015 by default; 0 to 0.1. With 0 a mirror that became better is found only when
    /// the preferred one becomes worse; those that have never been asked, and those that come
    /// back from failures, are tried in any case.</value>
    public double ExplorationShare { get; set; } = SiteSelector.UsualExploration;

    /// <summary>The requests that a mirror is given at once, at the most, while another can take
    /// them; where all have so many, the best gets more.</summary>
    /// <value>16 by default; 1 to 16. What a mirror bears is found between 1 and this.</value>
    public int MostInFlight { get; set; } = SiteLimit.Most;

    /// <summary>Names every value out of its limits.</summary>
    /// <param name="faults">Where to.</param>
    internal void Check(List<string> faults)
    {
        Check(Deadline.TotalSeconds, LeastDeadline, LongestDeadline, nameof(Deadline), " s");
        Check(MostAttempts, 1, MostAttemptsOfAll, nameof(MostAttempts));
        Check(HedgeShare, 0, MostHedgeShare, nameof(HedgeShare));
        Check(RetryShare, 0, MostRetryShare, nameof(RetryShare));
        Check(ExplorationShare, 0, MostExploration, nameof(ExplorationShare));
        Check(MostInFlight, 1, SiteLimit.Most, nameof(MostInFlight));

        void Check(double value, double least, double most, string name, string unit = "")
        {
            // Written so that what is no number is out of its limits as well.
            if (!(value >= least && value <= most))
            {
                faults.Add(FormattableString.Invariant(
                    $"{name} is {value}{unit}, not {least} to {most}{unit}."));
            }
        }
    }

    /// <summary>What a fetch may cost.</summary>
    /// <returns>The same in the terms of those who decide.</returns>
    internal FetchPolicy ToPolicy() => new()
    {
        Deadline = Deadline.TotalMilliseconds,
        MostAttempts = MostAttempts,
        HedgeShare = HedgeShare,
        RetryShare = RetryShare,
    };
}
