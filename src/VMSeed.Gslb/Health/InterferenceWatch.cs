namespace VMSeed.Gslb.Health;

/// <summary>Tells wrong mirrors from a network that changes what they send.</summary>
/// <remarks>
/// Two hosts that are wrong within ten seconds, with nothing right between them, have the same
/// cause: a portal or a proxy on the way. So has a page for a human. While that lasts nobody is
/// blamed, and who was blamed for the first of them is pardoned. Anything right ends it; but a
/// verdict takes a while, for a mirror is asked again before it is blamed, so that what two hosts
/// had in common excuses wrong bytes for another ten seconds.
/// </remarks>
internal sealed class InterferenceWatch
{
    private const double SameCauseWithin = 10_000;
    private bool _isCommon;
    private double _excusedUntil = double.NegativeInfinity;
    private string? _host;
    private double _wrongAt = double.NegativeInfinity;
    private Action? _pardon;

    /// <summary>Whether the network is held responsible now.</summary>
    public bool IsOn { get; private set; }

    /// <summary>Something right has come.</summary>
    /// <param name="now">The time.</param>
    public void TakeRight(double now)
    {
        _excusedUntil = _isCommon ? now + SameCauseWithin : _excusedUntil;
        _isCommon = false;
        IsOn = false;
        _host = null;
        _pardon = null;
    }

    /// <summary>A page has come where a file was asked for.</summary>
    public void TakePage() => IsOn = true;

    /// <summary>Wrong bytes have come.</summary>
    /// <param name="host">From where.</param>
    /// <param name="now">The time.</param>
    /// <param name="pardon">Takes back the blame for it.</param>
    /// <returns>Whether the host is to be blamed.</returns>
    public bool TakeWrong(string host, double now, Action pardon)
    {
        if (now < _excusedUntil)
        {
            return false;
        }

        if (!IsOn && _host is not null && _host != host && now - _wrongAt < SameCauseWithin)
        {
            IsOn = true;
            _isCommon = true;
            _pardon?.Invoke();
        }

        (_host, _wrongAt, _pardon) = (host, now, pardon);
        return !IsOn;
    }
}
