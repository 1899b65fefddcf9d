namespace VMSeed.Blocks.Sources.Http;

/// <summary>How long a web server is waited for, and how much of it is taken.</summary>
internal sealed class HttpSourceOptions
{
    /// <summary>The time without a byte after which a request is given up.</summary>
    /// <value>10 s by default; 10 ms to 10 minutes. Longer leaves a reader hanging on a dead server
    /// for that long before another try; shorter gives up on a phone that changes cells, or on a
    /// disk that spins up behind the server.</value>
    public TimeSpan NoProgressTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The time in which a request may be slower than
    /// <see cref="MinBytesPerSecond"/>.</summary>
    /// <value>20 s by default, not less than 10 ms and not more than 1 hour: twice the no-progress
    /// timeout, so that a slow name service and a slow first byte are each still forgiven.</value>
    public TimeSpan SlowStart { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The mean speed, in bytes per second of waiting, below which a request is given
    /// up.</summary>
    /// <value>4096 by default; 1 to 1 GiB. A block of 64 KiB then takes 36 s at the worst, and no
    /// server holds a request for longer than its length divided by this, plus
    /// <see cref="SlowStart"/>. Ten times more would cut off links that are slow but work (EDGE: 20
    /// KiB/s shared by a few requests); ten times less would let one server hold a request for
    /// megabytes half a day.</value>
    public int MinBytesPerSecond { get; init; } = 4096;

    /// <summary>The size in bytes up to which a whole object is taken where a range was asked
    /// for.</summary>
    /// <value>16 MiB by default, at least 0: twice the size of a pack. Servers without ranges then
    /// work, slowly; larger objects would cost minutes for a block, and are refused.</value>
    public long MaxWholeObject { get; init; } = 16 << 20;

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentException">Names every value out of its limits.</exception>
    public void Validate()
    {
        List<string> faults = [];
        Check(NoProgressTimeout, TimeSpan.FromMinutes(10), nameof(NoProgressTimeout), faults);
        Check(SlowStart, TimeSpan.FromHours(1), nameof(SlowStart), faults);
        if (MinBytesPerSecond is < 1 or > 1 << 30)
        {
            faults.Add($"{nameof(MinBytesPerSecond)} is {MinBytesPerSecond}, not 1 to {1 << 30}.");
        }

        if (MaxWholeObject < 0)
        {
            faults.Add($"{nameof(MaxWholeObject)} is {MaxWholeObject}, not at least 0.");
        }

        if (faults.Count > 0)
        {
            throw new ArgumentException(string.Join(' ', faults));
        }
    }

    private static void Check(TimeSpan value, TimeSpan most, string name, List<string> faults)
    {
        if (value < TimeSpan.FromMilliseconds(10) || value > most)
        {
            faults.Add($"{name} is {value}, not 10 ms to {most}.");
        }
    }
}
