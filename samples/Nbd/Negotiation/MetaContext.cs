using System.Text;

namespace VMSeed.Nbd.Negotiation;

/// <summary>A view of an export's map that clients can ask for by name.</summary>
/// <remarks>
/// The protocol reserves names beginning with x- for those that nobody has registered. The flags of
/// base:allocation are the specification's; ours has one, which says that a read has to fetch.
/// </remarks>
internal sealed class MetaContext
{
    /// <summary>Which ranges are holes.</summary>
    public static readonly MetaContext Allocation = new(1, "base:allocation");

    /// <summary>Which ranges are not local yet.</summary>
    public static readonly MetaContext Local = new(2, "x-vmseed:local");

    public static readonly MetaContext[] All = [Allocation, Local];

    private const uint Hole = 1;
    private const uint ReadsAsZero = 2;
    private const uint NotLocal = 1;

    private readonly byte[] _namespace;

    private MetaContext(uint id, string name)
    {
        Id = id;
        NameBytes = Encoding.UTF8.GetBytes(name);
        _namespace = NameBytes[..(Array.IndexOf(NameBytes, (byte)':') + 1)];
    }

    public uint Id { get; }

    public byte[] NameBytes { get; }

    /// <summary>Whether a query means this one.</summary>
    /// <param name="query">The whole name; for a list, the namespace with its colon is
    /// enough.</param>
    /// <param name="list">Whether contexts are listed, not chosen.</param>
    public bool Matches(ReadOnlySpan<byte> query, bool list) =>
        query.SequenceEqual(NameBytes) || (list && query.SequenceEqual(_namespace));

    public uint FlagsOf(NbdExtentKind kind) => this == Allocation
        ? kind == NbdExtentKind.Zero ? Hole | ReadsAsZero : 0
        : kind == NbdExtentKind.Absent ? NotLocal : 0;
}
