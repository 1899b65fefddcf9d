using VMSeed.Gslb.Mirrors;

namespace VMSeed.Gslb.Health;

/// <summary>Whether a site may be asked, from how its attempts ended.</summary>
/// <remarks>
/// Counts, not rates: one client makes too few requests for the statistics that proxies eject by.
/// Two failures in a row eject for 30 s, twice in succession for 60, at most 300, give or take a
/// fifth so that a fleet does not come back at once. Then comes probation, and a slow start. Wrong
/// bytes are another matter: quarantine is for an hour and is never lifted because nothing else is
/// left.
/// </remarks>
internal sealed class SiteHealth(Func<double> random)
{
    private const int FailuresInARow = 2;
    private const double EjectionStep = 30_000;
    private const double LongestEjection = 300_000;
    private const double Quarantine = 3_600_000;
    private const double SlowStart = 10_000;
    private const double LongestRest = 300_000;
    private int _inARow;
    private int _ejections;
    private double _until;
    private double _restUntil = double.NegativeInfinity;
    private double _quarantineUntil = double.NegativeInfinity;
    private double _recoveredAt = double.NegativeInfinity;
    private bool _isEjected;

    /// <summary>How often it was ejected.</summary>
    public int Ejections { get; private set; }

    /// <summary>What may be asked of it.</summary>
    /// <param name="now">The time.</param>
    /// <returns>Its condition.</returns>
    public SiteCondition At(double now)
    {
        if (now < _quarantineUntil)
        {
            return SiteCondition.Quarantined;
        }

        if (_isEjected)
        {
            return now < _until ? SiteCondition.Ejected : SiteCondition.Probation;
        }

        if (now < _restUntil)
        {
            return SiteCondition.Resting;
        }

        return now < _recoveredAt + SlowStart ? SiteCondition.SlowStart : SiteCondition.Healthy;
    }

    /// <summary>Takes note of how an attempt ended.</summary>
    /// <param name="outcome">How.</param>
    /// <param name="now">The time.</param>
    /// <param name="retryAfter">Milliseconds that the server asked for, 0 where it did
    /// not.</param>
    public void Take(AttemptOutcome outcome, double now, double retryAfter)
    {
        switch (outcome)
        {
            case AttemptOutcome.Delivered:
                Recover(now);
                break;
            case AttemptOutcome.Broken or AttemptOutcome.TimedOut or AttemptOutcome.ServerError
                or AttemptOutcome.Malformed:
                Fail(now);
                break;
            case AttemptOutcome.Busy:
                _restUntil = now + Math.Clamp(retryAfter, 1_000, LongestRest);
                break;
            case AttemptOutcome.Corrupt:
                _quarantineUntil = now + Quarantine;
                break;
            default:
                break;
        }
    }

    private void Recover(double now)
    {
        _inARow = 0;
        if (_isEjected)
        {
            _isEjected = false;
            _recoveredAt = now;
        }
    }

    private void Fail(double now)
    {
        if (++_inARow < FailuresInARow && !_isEjected)
        {
            return;
        }

        Ejections++;
        _ejections++;
        _isEjected = true;
        double length = Math.Min(EjectionStep * _ejections, LongestEjection);
        _until = now + (length * (0.8 + (0.4 * random())));
    }
}
