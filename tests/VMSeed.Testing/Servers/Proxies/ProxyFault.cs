namespace VMSeed.Testing.Servers.Proxies;

/// <summary>What is wrong with a line, or with the server at its end.</summary>
public enum ProxyFault
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Nobody listens: connections are refused, and those that there were are
    /// reset.</summary>
    Refused = 1,

    /// <summary>Nothing is answered, not even a connection's first packet. What is on its way
    /// stops, and goes on when the fault ends.</summary>
    Unanswered = 2,

    /// <summary>Connections are accepted, requests are read, and nothing is said. What is on its
    /// way stops, and goes on when the fault ends.</summary>
    Silent = 3,

    /// <summary>Every connection is reset in the middle of a body.</summary>
    Reset = 4,

    /// <summary>Bodies come by 200 bytes each tenth of a second.</summary>
    Drip = 5,

    /// <summary>One bit of each body is flipped.</summary>
    FlippedBit = 6,

    /// <summary>The server knows no ranges: it sends the whole file with 200.</summary>
    WholeFile = 7,

    /// <summary>A log-in page answers in the server's place, with 200.</summary>
    Portal = 8,

    /// <summary>The server answers 503 with a Retry-After.</summary>
    Busy = 9,
}
