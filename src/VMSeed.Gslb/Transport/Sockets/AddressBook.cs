using System.Net;
using System.Net.Sockets;

namespace VMSeed.Gslb.Transport.Sockets;

/// <summary>Which addresses of a name connected lately, and which did not: the order in which they
/// are tried.</summary>
/// <remarks>
/// A name may stand for several servers, one of which is dead: such an address goes to the end of
/// the line until it has connected again or its fault is forgotten. The others are sorted as in
/// RFC 8305 section 4: families in turn, beginning with the one that won last, for a network either
/// has IPv6 or only says so.
/// </remarks>
internal sealed class AddressBook(TimeProvider time)
{
    // A dead server is found dead once in this time at the price of one delay; one that was
    // repaired is used again after it.
    private static readonly TimeSpan _memory = TimeSpan.FromMinutes(10);

    // Names come from lists that others wrote: more addresses than these are not remembered.
    private const int MostAddresses = 1_024;

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, (int Count, long At)> _failures = [];
    private AddressFamily _family = AddressFamily.Unspecified;

    /// <summary>The time that an address has before the next one is tried beside it.</summary>
    /// <value>RFC 8305 section 5 recommends 250 ms, and 100 at the least; the shorter once a family
    /// is known to work.</value>
    public TimeSpan AttemptDelay =>
        TimeSpan.FromMilliseconds(_family == AddressFamily.Unspecified ? 250 : 100);

    /// <summary>Sorts the addresses of a name.</summary>
    /// <param name="addresses">The addresses; changed.</param>
    /// <returns>The same, in the order in which they are to be tried.</returns>
    public IPAddress[] Sort(IPAddress[] addresses)
    {
        if (addresses.Length < 2)
        {
            return addresses;
        }

        lock (_gate)
        {
            AddressFamily first = _family == AddressFamily.Unspecified
                ? AddressFamily.InterNetworkV6
                : _family;
            ILookup<bool, IPAddress> good = addresses
                .Where(address => FailuresOf(address) == 0)
                .ToLookup(address => address.AddressFamily == first);
            IPAddress[] bad =
            [
                .. addresses.Where(address => FailuresOf(address) > 0).OrderBy(FailuresOf),
            ];
            return [.. Interleave([.. good[true]], [.. good[false]]), .. bad];
        }
    }

    /// <summary>An address connected.</summary>
    /// <param name="address">The address.</param>
    public void Succeeded(IPAddress address)
    {
        lock (_gate)
        {
            _failures.Remove(address);
            _family = address.AddressFamily;
        }
    }

    /// <summary>An address did not connect, or was overtaken by one that began later.</summary>
    /// <param name="address">The address.</param>
    public void Failed(IPAddress address)
    {
        lock (_gate)
        {
            if (_failures.Count >= MostAddresses)
            {
                _failures.Clear();
            }

            _failures[address] = (FailuresOf(address) + 1, time.GetTimestamp());
        }
    }

    private int FailuresOf(IPAddress address) =>
        _failures.TryGetValue(address, out (int Count, long At) failure)
        && time.GetElapsedTime(failure.At) < _memory
            ? failure.Count
            : 0;

    private static IEnumerable<IPAddress> Interleave(IPAddress[] first, IPAddress[] second)
    {
        for (int i = 0; i < Math.Max(first.Length, second.Length); i++)
        {
            if (i < first.Length)
            {
                yield return first[i];
            }

            if (i < second.Length)
            {
                yield return second[i];
            }
        }
    }
}
