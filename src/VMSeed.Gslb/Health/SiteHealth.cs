namespace VMSeed.Gslb.Health;

/// <summary>Whether a site may be asked, from how its attempts ended.</summary>
/// <remarks>
/// Counts, not rates over minutes: one client makes too few requests for the statistics that
/// proxies eject by. Two failures in a row eject, or three in ten of the last. Then comes
/// probation, one request that nobody waits for, and a slow start. Each ejection that follows the
/// one before is longer; each quiet half minute makes the next one shorter (gRPC's proposal A50).
/// A site that answers nothing does not fail while hedges win against it: two such losses in a row
/// make it rest. Wrong bytes are another matter: quarantine is longer and is never lifted because
/// nothing else is left. What a site lacks is none of its faults.
/// </remarks>
/// <param name="random">Chance, from 0 to 1.</param>
internal sealed class SiteHealth(Func<double> random)
{
    private const int FailuresInARow = 2;
    private const double FailureGain = 0.15;
    private const double MostFailures = 0.3;
    private const int LeastSamples = 5;

    // Shorter: a dead site is asked too often; longer: a site that was restarted is missed. The
    // longest, and its fifth, leave a minute for the return.
    private const double EjectionStep = 15_000;
    private const double LongestEjection = 45_000;

    // A loss in probation says that it is not back, not that it failed once more; without a pause
    // every request would be its next trial.
    private const double NotBackFor = 5_000;
    private const double QuietForOneStep = 30_000;
    private const double SlowStart = 10_000;

    private const double ShortestRest = 1_000;
    private const double LongestRest = 300_000;

    // A request that stalls is chance, and hedged; two in a row with nothing between are a site
    // that has gone. Its first rest is the shortest, for it may be a moment; one that is still
    // gone after it rests for twice as long, up to 16 s, so that it costs a hedge now and then and
    // is found soon when it is back.
    private const int LossesInARow = 2;
    private const int MostDoublings = 4;

    // Content is verified in any case, so that a wrong mirror costs time only; the first time may
    // have been a bad disk that is replaced, the third is no accident.
    private static readonly double[] Quarantines = [600_000, 3_600_000, 86_400_000];

    private const double MissingGain = 0.3;
    private const double MissingHalfLife = 30_000;

    private int _inARow;
    private int _losses;
    private int _samples;
    private double _failures;
    private int _offences;
    private double _multiplier;
    private double _ejectedUntil;
    private double _restUntil = double.NegativeInfinity;
    private double _quarantineUntil = double.NegativeInfinity;
    private double _recoveredAt = double.NegativeInfinity;
    private double _missing;
    private double _missingAt;
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
            return now < _ejectedUntil ? SiteCondition.Ejected : SiteCondition.Probation;
        }

        if (now < _restUntil)
        {
            return SiteCondition.Resting;
        }

        return now < _recoveredAt + SlowStart ? SiteCondition.SlowStart : SiteCondition.Healthy;
    }

    /// <summary>When its ejection is over, or was.</summary>
    public double EjectedUntil => _ejectedUntil;

    /// <summary>How much of what it was asked for it lacked lately, from 0 to 1.</summary>
    /// <param name="now">The time.</param>
    /// <returns>The share.</returns>
    public double MissingAt(double now) =>
        _missing < 0.001 ? 0 : _missing * double.Exp2(-(now - _missingAt) / MissingHalfLife);

    /// <summary>When its rest is over.</summary>
    public double RestUntil => _restUntil;

    /// <summary>It has delivered.</summary>
    /// <param name="now">The time.</param>
    /// <returns>Whether it comes back with that.</returns>
    public bool Succeed(double now)
    {
        Note(hasFailed: false);
        _losses = 0;
        TakeMissing(0, now);
        if (!_isEjected)
        {
            return false;
        }

        _isEjected = false;
        _samples = 0;
        _failures = 0;
        _recoveredAt = now;
        return true;
    }

    /// <summary>It lacks what it was asked for.</summary>
    /// <param name="now">The time.</param>
    public void Lack(double now)
    {
        Note(hasFailed: false);
        TakeMissing(1, now);
    }

    /// <summary>It has failed.</summary>
    /// <param name="now">The time.</param>
    /// <param name="mayEject">Whether enough others are left.</param>
    /// <returns>Whether it is ejected with that.</returns>
    public bool Fail(double now, bool mayEject)
    {
        Note(hasFailed: true);
        bool isBad = _inARow >= FailuresInARow
            || (_samples >= LeastSamples && _failures > MostFailures);
        if (!_isEjected && !(isBad && mayEject))
        {
            return false;
        }

        if (_isEjected && now < _ejectedUntil)
        {
            // One that was on its way when it was ejected.
            return false;
        }

        Eject(now);
        return true;
    }

    /// <summary>It was late, and another brought what it had been asked for.</summary>
    /// <param name="now">The time.</param>
    /// <param name="mayRest">Whether enough others are left.</param>
    public void Lose(double now, bool mayRest)
    {
        switch (At(now))
        {
            case SiteCondition.Probation:
                _ejectedUntil = now + NotBackFor;
                break;
            case SiteCondition.Healthy or SiteCondition.SlowStart:
                _losses++;
                RestFromLosses(now, mayRest);
                break;
            default:
                // What was on its way when its rest began tells nothing new.
                break;
        }
    }

    /// <summary>It asks to be left alone.</summary>
    /// <param name="now">The time.</param>
    /// <param name="duration">Milliseconds.</param>
    public void Rest(double now, double duration) =>
        _restUntil = now + Math.Clamp(duration, ShortestRest, LongestRest);

    /// <summary>It served wrong bytes.</summary>
    /// <param name="now">The time.</param>
    public void Condemn(double now)
    {
        _quarantineUntil = now + Quarantines[Math.Min(_offences++, Quarantines.Length - 1)];
    }

    /// <summary>Milliseconds that its quarantine still lasts.</summary>
    /// <param name="now">The time.</param>
    /// <returns>The time left; 0 where there is none.</returns>
    public double QuarantinedFor(double now) => Math.Max(_quarantineUntil - now, 0);

    /// <summary>It was quarantined in an earlier run.</summary>
    /// <param name="until">The quarantine's end.</param>
    public void Recall(double until)
    {
        _quarantineUntil = until;
        _offences = 1;
    }

    /// <summary>The bytes were made wrong by another party.</summary>
    public void Pardon()
    {
        _offences = Math.Max(_offences - 1, 0);
        _quarantineUntil = double.NegativeInfinity;
    }

    private void RestFromLosses(double now, bool mayRest)
    {
        if (_losses >= LossesInARow && mayRest)
        {
            int doublings = Math.Min(_losses - LossesInARow, MostDoublings);
            Rest(now, ShortestRest * (1 << doublings));
        }
    }

    private void Note(bool hasFailed)
    {
        _samples++;
        _inARow = hasFailed ? _inARow + 1 : 0;
        _failures += FailureGain * ((hasFailed ? 1 : 0) - _failures);
    }

    private void Eject(double now)
    {
        double quiet = Math.Max(now - Math.Max(_ejectedUntil, _recoveredAt), 0);
        _multiplier = Math.Max(_multiplier - Math.Floor(quiet / QuietForOneStep), 0) + 1;
        double length = Math.Min(EjectionStep * _multiplier, LongestEjection);

        // Give or take a fifth, so that a fleet does not come back at once.
        _ejectedUntil = now + (length * (0.8 + (0.4 * random())));
        _isEjected = true;
        Ejections++;
    }

    private void TakeMissing(double sample, double now)
    {
        double before = MissingAt(now);
        _missing = before + (MissingGain * (sample - before));
        _missingAt = now;
    }
}
