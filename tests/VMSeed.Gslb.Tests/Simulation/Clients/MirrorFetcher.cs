using VMSeed.Gslb.Hedging;
using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Tests.Simulation.Worlds;

namespace VMSeed.Gslb.Tests.Simulation.Clients;

/// <summary>Drives the shipped machine of a fetch, as the handler does, in virtual time.</summary>
internal sealed class MirrorFetcher(Network network, FetchDesk desk) : Fetcher
{
    public override void Fetch(SimRequest request, Action<FetchResult> done)
    {
        Drive drive = new(network, desk, request, done);
        drive.Step();
    }

    private sealed class Drive : IFlightListener
    {
        private readonly Network _network;
        private readonly SimRequest _request;
        private readonly Action<FetchResult> _done;
        private readonly MirrorFetch _fetch;
        private readonly List<(Attempt Attempt, Flight Flight)> _flights = [];
        private double _timer = double.PositiveInfinity;
        private bool _isDone;

        public Drive(
            Network network, FetchDesk desk, SimRequest request, Action<FetchResult> done)
        {
            _network = network;
            _request = request;
            _done = done;
            _fetch = new MirrorFetch(
                desk,
                new FetchRequest((ulong)request.Number, request.Length, request.Class),
                Now);
        }

        private double Now => _network.Time.Now;

        public void Step()
        {
            while (!_isDone)
            {
                FetchAction action = _fetch.Next(Now);
                switch (action.Kind)
                {
                    case FetchActionKind.Wait:
                        PlanTimer(action.Due);
                        return;
                    case FetchActionKind.Send:
                        Send(action.Attempt!);
                        break;
                    case FetchActionKind.Cancel:
                        _network.Cancel(FlightOf(action.Attempt!));
                        break;
                    case FetchActionKind.Succeed:
                        Finish(action.Attempt!.Site.Index);
                        break;
                    default:
                        Finish(-1);
                        break;
                }
            }
        }

        public void OnConnected(Flight flight)
        {
            _fetch.OnConnected(AttemptOf(flight), Now);
            Step();
        }

        public void OnHead(Flight flight)
        {
            _fetch.OnHead(AttemptOf(flight), Now);
            Step();
        }

        public void OnBytes(Flight flight, long count)
        {
            _fetch.OnBytes(AttemptOf(flight), count, Now);
            Step();
        }

        public void OnEnded(Flight flight, AttemptOutcome outcome)
        {
            _fetch.OnEnded(AttemptOf(flight), outcome, Now);
            Step();
        }

        private void Finish(int site)
        {
            _isDone = true;
            int hedges = _fetch.Attempts.Count(attempt => attempt.IsHedge);
            _done(new FetchResult(site, _fetch.Attempts.Count, hedges));
        }

        private void Send(Attempt attempt)
        {
            int before = _flights.Count(one => one.Attempt.Site == attempt.Site);
            _flights.Add((
                attempt, _network.Send(attempt.Site.Index, _request, before, this)));
        }

        private void PlanTimer(double due)
        {
            if (due < _timer || _timer <= Now)
            {
                _timer = due;
                if (double.IsFinite(due))
                {
                    _network.Time.At(due, Step);
                }
            }
        }

        private Flight FlightOf(Attempt attempt) =>
            _flights.Find(one => one.Attempt == attempt).Flight;

        private Attempt AttemptOf(Flight flight) =>
            _flights.Find(one => one.Flight == flight).Attempt;
    }
}
