using VMSeed.Gslb.Diagnostics;
using VMSeed.Gslb.Transport.Bodies;

namespace VMSeed.Gslb.Transport.Fetching;

/// <summary>What all fetches of a handler share.</summary>
/// <param name="Time">The clock.</param>
/// <param name="Log">The log.</param>
internal sealed record FetchTools(TimeProvider Time, MirrorLog Log)
{
    private int _live;

    /// <summary>Memory for bodies.</summary>
    public BodyBuffers Buffers { get; } = new();

    /// <summary>Attempts that hold a connection or a buffer.</summary>
    public int Live => Volatile.Read(ref _live);

    /// <summary>Cancelled when the handler is disposed of.</summary>
    public CancellationTokenSource Stop { get; } = new();

    /// <summary>An attempt begins.</summary>
    public void Enter() => Interlocked.Increment(ref _live);

    /// <summary>An attempt has let go of all that it held.</summary>
    public void Leave() => Interlocked.Decrement(ref _live);
}
