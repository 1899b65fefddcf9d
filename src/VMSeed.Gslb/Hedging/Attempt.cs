using VMSeed.Gslb.Estimation;
using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Selection;

namespace VMSeed.Gslb.Hedging;

/// <summary>One request to one site, on behalf of a fetch.</summary>
/// <param name="choice">The site.</param>
/// <param name="sentAt">When it begins, in milliseconds of the selector's clock.</param>
/// <param name="deadline">When it must be done.</param>
/// <param name="isHedge">Whether another attempt was live when it began.</param>
internal sealed class Attempt(SiteChoice choice, double sentAt, double deadline, bool isHedge)
{
    /// <summary>The site.</summary>
    public Site Site => choice.Site;

    /// <summary>What it met there.</summary>
    public Terms Terms => choice.Terms;

    /// <summary>Bytes per millisecond that should come; 0 where that is not known.</summary>
    public double Speed => choice.Speed;

    /// <summary>Why the site was chosen.</summary>
    public ChoiceReason Reason => choice.Reason;

    /// <summary>Milliseconds that it should take.</summary>
    public double Predicted => choice.Predicted;

    /// <summary>Whether that was more than a guess.</summary>
    public bool IsKnown { get; } = choice.Site.Estimate.IsKnown;

    /// <summary>When it began.</summary>
    public double SentAt { get; } = sentAt;

    /// <summary>When it must be done.</summary>
    public double Deadline => deadline;

    /// <summary>Whether another attempt was live when it began.</summary>
    public bool IsHedge => isHedge;

    /// <summary>Whether it looks for what several sites lacked, beside others that do.</summary>
    public bool IsSearch { get; init; }

    /// <summary>Milliseconds after its beginning at which its connection was ready: 0 over a
    /// warm one.</summary>
    public double Connecting { get; private set; }

    /// <summary>When the answer's head came; infinite before.</summary>
    public double HeadAt { get; private set; } = double.PositiveInfinity;

    /// <summary>When the last byte came, or the head, or the attempt began.</summary>
    public double ProgressAt { get; private set; } = sentAt;

    /// <summary>Bytes of the body that have come.</summary>
    public long Received { get; private set; }

    /// <summary>How it ended.</summary>
    public AttemptOutcome Outcome { get; private set; }

    /// <summary>Whether it goes on.</summary>
    public bool IsLive => Outcome == AttemptOutcome.Live;

    /// <summary>Whether it took so long that another was wished for beside it.</summary>
    public bool IsLate { get; set; }

    /// <summary>Its connection is ready.</summary>
    /// <param name="now">The time.</param>
    public void Connect(double now)
    {
        Connecting = now - SentAt;
        ProgressAt = now;
    }

    /// <summary>The answer's head has come.</summary>
    /// <param name="now">The time.</param>
    public void TakeHead(double now) => HeadAt = ProgressAt = now;

    /// <summary>Bytes of the body have come.</summary>
    /// <param name="count">How many.</param>
    /// <param name="now">The time.</param>
    public void TakeBytes(long count, double now)
    {
        Received += count;
        ProgressAt = now;
    }

    /// <summary>It has ended.</summary>
    /// <param name="outcome">How.</param>
    public void End(AttemptOutcome outcome) => Outcome = outcome;
}
