namespace VMSeed.Testing.Servers.Proxies;

/// <summary>How much a connection may send in each round trip: ten segments at first, and twice as
/// much in each round that follows (RFC 6928, RFC 5681).</summary>
/// <remarks>Without it 1 MiB over a far and cold connection would cost one round trip instead of
/// six, and no choice of a mirror that depends on it could be told from another.</remarks>
internal sealed class SendWindow
{
    private const double First = 10 * 1_448;
    private const double Most = 8 << 20;

    // A sender that was quiet for so long, and a round trip, begins again (RFC 5681 section 4.1).
    private const double ForgottenAfter = 200;

    private double _window = First / 2;
    private double _left;
    private double _roundAt = double.NegativeInfinity;
    private double _sentAt = double.NegativeInfinity;

    /// <summary>Takes a part of the round that runs, or of the next.</summary>
    /// <param name="wanted">Bytes that wait to be sent.</param>
    /// <param name="at">When, in milliseconds; later where the next round has to be waited
    /// for.</param>
    /// <param name="roundTrip">Milliseconds of a round.</param>
    /// <returns>How many may go then.</returns>
    public int Take(int wanted, ref double at, double roundTrip)
    {
        if (at - _sentAt > ForgottenAfter + roundTrip)
        {
            (_window, _left, _roundAt) = (First / 2, 0, double.NegativeInfinity);
        }

        if (_left < 1 || at > _roundAt + roundTrip)
        {
            at = Math.Max(at, _roundAt + roundTrip);
            _window = _left < 1 ? Math.Min(_window * 2, Most) : _window;
            (_left, _roundAt) = (_window, at);
        }

        int taken = (int)Math.Min(wanted, _left);
        _left -= taken;
        _sentAt = at;
        return taken;
    }
}
