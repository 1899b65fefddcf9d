using VMSeed.Nbd.Negotiation;

namespace VMSeed.Nbd.Commands;

/// <summary>A map as one context tells it: neighbours that look alike there are one.</summary>
/// <param name="context">The context.</param>
/// <param name="most">How many runs there may be.</param>
internal sealed class StatusExtents(MetaContext context, int most)
{
    private readonly List<(uint Length, uint Flags)> _runs = [];

    public MetaContext Context => context;

    public IReadOnlyList<(uint Length, uint Flags)> Runs => _runs;

    /// <summary>Whether what follows has no more room.</summary>
    public bool IsFull { get; private set; }

    public void Add(in NbdExtent extent)
    {
        if (IsFull) { return; }

        uint flags = context.FlagsOf(extent.Kind);
        if (_runs.Count > 0 && _runs[^1].Flags == flags)
        {
            _runs[^1] = (_runs[^1].Length + (uint)extent.Length, flags);
        }
        else if (_runs.Count < most)
        {
            _runs.Add(((uint)extent.Length, flags));
        }
        else
        {
            IsFull = true;
        }
    }
}
