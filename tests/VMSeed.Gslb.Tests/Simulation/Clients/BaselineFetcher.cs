using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Tests.Simulation.Baselines;
using VMSeed.Gslb.Tests.Simulation.Worlds;

namespace VMSeed.Gslb.Tests.Simulation.Clients;

/// <summary>Fetches by another rule, with the same care about failures for all of them.</summary>
/// <remarks>
/// An attempt that takes 5 s is given up, the next goes to another site at once; a site that fails
/// twice in a row is left alone for 30 s, wrong bytes are known as such. Without that, all would
/// lose for another reason than their rule.
/// </remarks>
internal sealed class BaselineFetcher(Network network, Baseline baseline) : Fetcher
{
    private const double Timeout = 5_000;
    private const double EjectedFor = 30_000;
    private const int MostAttempts = 6;
    private readonly int[] _failures = new int[World.Count];
    private readonly double[] _ejectedUntil = new double[World.Count];

    public override void Fetch(SimRequest request, Action<FetchResult> done) =>
        new Drive(this, request, done).Try();

    private List<int> Usable(List<int> tried)
    {
        List<int> usable = [];
        for (int site = 0; site < World.Count; site++)
        {
            if (_ejectedUntil[site] <= network.Time.Now && !tried.Contains(site))
            {
                usable.Add(site);
            }
        }

        return usable.Count > 0
            ? usable
            : [.. Enumerable.Range(0, World.Count).Where(site => !tried.Contains(site))];
    }

    private void Note(int site, double elapsed, bool isDelivered)
    {
        baseline.OnEnded(site, elapsed, isDelivered, network.Time.Now);
        _failures[site] = isDelivered ? 0 : _failures[site] + 1;
        if (_failures[site] >= 2)
        {
            _failures[site] = 0;
            _ejectedUntil[site] = network.Time.Now + EjectedFor;
        }
    }

    private sealed class Drive(BaselineFetcher owner, SimRequest request, Action<FetchResult> done)
        : IFlightListener
    {
        private readonly List<int> _tried = [];
        private Flight? _flight;

        public void Try()
        {
            int site = owner.Choose(request, _tried);
            _tried.Add(site);
            Flight flight = _flight = owner.Send(site, request, this);
            owner.At(Timeout, () =>
            {
                if (_flight == flight && !flight.IsOver)
                {
                    owner.Cancel(flight);
                    After(flight, isDelivered: false);
                }
            });
        }

        public void OnConnected(Flight flight)
        {
        }

        public void OnHead(Flight flight)
        {
        }

        public void OnBytes(Flight flight, long count)
        {
        }

        public void OnEnded(Flight flight, AttemptOutcome outcome) =>
            After(flight, outcome == AttemptOutcome.Delivered);

        private void After(Flight flight, bool isDelivered)
        {
            owner.Note(flight.Site, owner.Now - flight.SentAt, isDelivered);
            if (isDelivered || _tried.Count == MostAttempts)
            {
                done(new FetchResult(isDelivered ? flight.Site : -1, _tried.Count, 0));
            }
            else
            {
                Try();
            }
        }
    }

    private double Now => network.Time.Now;

    private int Choose(SimRequest request, List<int> tried) =>
        baseline.Choose(network, request, Usable(tried));

    private Flight Send(int site, SimRequest request, IFlightListener listener)
    {
        baseline.OnSent(site, Now);
        return network.Send(site, request, 0, listener);
    }

    private void Cancel(Flight flight) => network.Cancel(flight);

    private void At(double delay, Action happen) => network.Time.At(Now + delay, happen);
}
