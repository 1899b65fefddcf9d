namespace VMSeed.Nbd.Transport;

// A client that asks for one block after another sends its next request some 10 to 40 µs after our
// reply. A thread that sleeps meanwhile wakes as much later: its core has gone to rest, and is
// woken by an interrupt (in a virtual machine, by way of the hypervisor). So while such a client is
// likely, the thread stays awake and looks: 4 KiB reads at depth 1 are twice as quick for it.
// Likely means that the last look was worth it. After one that was not, the next 1, 2, 4… waits are
// slept through, so that a client which thinks for longer costs no processor to speak of, and one
// that falls silent costs a single look.

/// <summary>Looks for bytes on a wire for a moment, before its thread goes to sleep.</summary>
/// <param name="look">Whether bytes are there.</param>
internal sealed class Lookout(Func<bool> look)
{
    /// <summary>How often one wait looks: for 50 µs or so, which is a client's turn and its own
    /// wake-up. Longer, and the processor would be better given to somebody else. Counted, not
    /// timed: a clock would cost as much as the look.</summary>
    internal const int Looks = 100;

    /// <summary>Between two looks, in units of <see cref="Thread.SpinWait"/>: long enough to leave
    /// the socket's lock to its sender, shorter than the look itself.</summary>
    private const int Pause = 8;

    /// <summary>How many waits in a row are slept through at the most: a client that becomes quick
    /// is noticed within as many requests.</summary>
    internal const int MostSlept = 256;

    // The only core is the client's.
    private readonly bool _useless = Environment.ProcessorCount == 1;

    private int _sleeps;
    private int _nextSleeps = 1;

    /// <summary>Returns when bytes are there, or the thread may as well sleep.</summary>
    public void Look()
    {
        if (_useless || look()) { return; }

        if (_sleeps > 0)
        {
            _sleeps--;
        }
        else if (Find())
        {
            _nextSleeps = 1;
        }
        else
        {
            _sleeps = _nextSleeps;
            _nextSleeps = Math.Min(2 * _nextSleeps, MostSlept);
        }
    }

    private bool Find()
    {
        for (int i = 1; i < Looks; i++)
        {
            Thread.SpinWait(Pause);
            if (look()) { return true; }
        }

        return false;
    }
}
