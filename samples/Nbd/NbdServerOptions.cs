namespace VMSeed.Nbd;

/// <summary>How a server behaves, and what a client can make it hold. Checked as a whole when the
/// server starts.</summary>
/// <remarks>A connection costs two threads at the most, 64 KiB to receive with, a buffer of 260 KiB
/// to reply from, and what is in flight.</remarks>
public sealed class NbdServerOptions
{
    private const int MiB = 1024 * 1024;
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    /// <summary>Certificates; null for a server that speaks in the clear.</summary>
    public NbdTlsOptions? Tls { get; init; }

    /// <summary>How many clients may be connected at once; further ones are hung up on.</summary>
    /// <value>By default 64; 1 to 4,096.</value>
    public int MaxConnections { get; init; } = 64;

    /// <summary>How many requests of a connection may be waiting for their export. Further ones are
    /// not received until one is answered.</summary>
    /// <value>By default 128, what the kernel's client sends; 1 to 4,096.</value>
    public int RequestsInFlight { get; init; } = 128;

    /// <summary>How many bytes these requests may bring or take together.</summary>
    /// <value>By default 64 MiB; from <see cref="MaxPayload"/> to 1 GiB.</value>
    public long BytesInFlight { get; init; } = 64 * MiB;

    /// <summary>The longest read or write, in bytes. A longer read is refused; a longer write ends
    /// the connection.</summary>
    /// <value>By default 32 MiB, which every client may count on; 1 MiB to 256 MiB.</value>
    public int MaxPayload { get; init; } = 32 * MiB;

    /// <summary>How long a client may take to choose its export.</summary>
    /// <value>By default 10 seconds; at most an hour.</value>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a client may take to receive what is sent at once.</summary>
    /// <value>By default 30 seconds; at most an hour.</value>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a server that stops waits for requests that are in flight.</summary>
    /// <value>By default 5 seconds; at most an hour.</value>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The clock of all these.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    internal void Validate()
    {
        List<string> faults = [];
        Check(faults, nameof(MaxConnections), MaxConnections, 1, 4096);
        Check(faults, nameof(RequestsInFlight), RequestsInFlight, 1, 4096);
        Check(faults, nameof(MaxPayload), MaxPayload, MiB, 256 * MiB);
        Check(faults, nameof(BytesInFlight), BytesInFlight, MaxPayload, 1024 * MiB);
        Check(faults, nameof(HandshakeTimeout), HandshakeTimeout);
        Check(faults, nameof(SendTimeout), SendTimeout);
        Check(faults, nameof(StopTimeout), StopTimeout);
        if (Tls is { Certificate.HasPrivateKey: false })
        {
            faults.Add("The certificate of the server has no private key");
        }

        if (faults.Count > 0) { throw new ArgumentException(string.Join("; ", faults) + "."); }
    }

    private static void Check(List<string> faults, string name, long value, long least, long most)
    {
        if (value < least || value > most)
        {
            faults.Add($"{name} {value} must be from {least} to {most}");
        }
    }

    private static void Check(List<string> faults, string name, TimeSpan value)
    {
        if (value <= TimeSpan.Zero || value > LongestWait)
        {
            faults.Add($"{name} {value} must be more than nothing and at most {LongestWait}");
        }
    }
}
