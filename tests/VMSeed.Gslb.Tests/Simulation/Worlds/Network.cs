using VMSeed.Gslb.Mirrors;

namespace VMSeed.Gslb.Tests.Simulation.Worlds;

/// <summary>Sends requests through a world: connections, progress, cancellation.</summary>
internal sealed class Network(World world, EventQueue time)
{
    private const double IdleClosedAfter = 60_000;
    private const double WindowLostAfter = 1_000;
    private const int Pieces = 4;
    private readonly List<double>[] _idle =
        [.. Enumerable.Range(0, World.Count).Select(_ => new List<double>())];

    private readonly int[] _flying = new int[World.Count];

    /// <summary>The world.</summary>
    public World World => world;

    /// <summary>The time.</summary>
    public EventQueue Time => time;

    /// <summary>Bytes that came in all.</summary>
    public double Received { get; private set; }

    /// <summary>Requests that were sent.</summary>
    public long[] Sent { get; } = new long[World.Count];

    /// <summary>Sends a request.</summary>
    public Flight Send(int site, SimRequest request, int attempt, IFlightListener listener)
    {
        Warmth warmth = TakeConnection(site);
        Course course = world.Send(
            site, request.Number, attempt, time.Now, request.Length, warmth, _flying[site]++);
        Sent[site]++;
        world.Crowd?.Move(site, 1);
        Flight flight = new(site, request.Length, course, time.Now);
        double ready = time.Now + course.Connect;
        if (warmth == Warmth.None && course.Connect > 0)
        {
            time.At(ready, () => Tell(flight, () => listener.OnConnected(flight)));
        }

        if (course.Part == 0)
        {
            PlanEnd(flight, ready + course.First, listener);
            return flight;
        }

        time.At(ready + course.First, () => Tell(flight, () => listener.OnHead(flight)));
        for (int piece = 1; piece <= Pieces; piece++)
        {
            double share = (double)piece / Pieces;
            if (share > course.Part)
            {
                break;
            }

            time.At(
                ready + course.First + (course.Body * share),
                () => Tell(flight, () => listener.OnBytes(flight, request.Length / Pieces)));
        }

        PlanEnd(flight, ready + course.First + course.Body, listener);
        return flight;
    }

    /// <summary>Gives a request up; its connection is lost with it.</summary>
    public void Cancel(Flight flight)
    {
        if (!flight.IsOver)
        {
            End(flight);
        }
    }

    /// <summary>What a request would find, for the oracle.</summary>
    public Course Foresee(int site, SimRequest request)
    {
        Warmth warmth = WarmthOf(site);
        return world.Send(
            site, request.Number, 0, time.Now, request.Length, warmth, _flying[site]);
    }

    private void PlanEnd(Flight flight, double at, IFlightListener listener)
    {
        if (flight.Course.Outcome == AttemptOutcome.Live)
        {
            return;
        }

        time.At(at, () => Tell(flight, () =>
        {
            End(flight);
            if (flight.Course.Outcome != AttemptOutcome.Broken)
            {
                _idle[flight.Site].Add(time.Now);
            }

            listener.OnEnded(flight, flight.Course.Outcome);
        }));
    }

    private void End(Flight flight)
    {
        flight.IsOver = true;
        _flying[flight.Site]--;
        world.Crowd?.Move(flight.Site, -1);
        Received += flight.ReceivedAt(time.Now);
    }

    private static void Tell(Flight flight, Action happen)
    {
        if (!flight.IsOver)
        {
            happen();
        }
    }

    // The one that was used last, as pools do.
    private Warmth TakeConnection(int site)
    {
        Warmth warmth = WarmthOf(site);
        if (warmth != Warmth.None)
        {
            _idle[site].RemoveAt(_idle[site].Count - 1);
        }

        return warmth;
    }

    private Warmth WarmthOf(int site)
    {
        List<double> idle = _idle[site];
        if (idle.Count == 0 || time.Now - idle[^1] > IdleClosedAfter)
        {
            idle.Clear();
            return Warmth.None;
        }

        return time.Now - idle[^1] > WindowLostAfter ? Warmth.Connection : Warmth.Window;
    }
}
