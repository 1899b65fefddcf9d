namespace VMSeed.Gslb.Tests.Simulation.Worlds;

/// <summary>Virtual time: what is to happen, in order, on one thread.</summary>
internal sealed class EventQueue
{
    private readonly PriorityQueue<Action, (double Time, long Order)> _events = new();
    private long _order;

    /// <summary>The time in milliseconds.</summary>
    public double Now { get; private set; }

    /// <summary>Plans an event; those of one time come in the order of their planning.</summary>
    public void At(double time, Action happen) =>
        _events.Enqueue(happen, (Math.Max(time, Now), _order++));

    /// <summary>Lets everything happen, until nothing is planned or somebody says
    /// enough.</summary>
    public void Run(Func<bool> isOver)
    {
        while (!isOver()
            && _events.TryDequeue(out Action? happen, out (double Time, long Order) at))
        {
            Now = at.Time;
            happen();
        }
    }
}
