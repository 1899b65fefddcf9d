using VMSeed.Gslb.Mirrors;

namespace VMSeed.Gslb.Tests.Simulation.Worlds;

/// <summary>Hears what becomes of a request.</summary>
internal interface IFlightListener
{
    /// <summary>A new connection is ready.</summary>
    void OnConnected(Flight flight);

    /// <summary>The head has come.</summary>
    void OnHead(Flight flight);

    /// <summary>Bytes have come.</summary>
    void OnBytes(Flight flight, long count);

    /// <summary>It has ended by itself.</summary>
    void OnEnded(Flight flight, AttemptOutcome outcome);
}
