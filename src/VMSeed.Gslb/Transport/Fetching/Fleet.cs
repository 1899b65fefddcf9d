using System.Runtime.CompilerServices;
using VMSeed.Gslb.Health;
using VMSeed.Gslb.Hedging;
using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Selection;
using VMSeed.Gslb.Transport.Sockets;

namespace VMSeed.Gslb.Transport.Fetching;

/// <summary>The mirrors of one repository: what is known of them, and the connections to
/// them.</summary>
internal sealed class Fleet
{
    // By the site itself: an attempt may end when its site is no longer among the mirrors.
    private readonly ConditionalWeakTable<Site, MirrorTransport> _transports = [];
    private readonly Func<Site, MirrorTransport> _connect;
    private readonly Func<double> _clock;
    private readonly SiteWatch _watch;

    /// <summary>Makes a fleet.</summary>
    /// <param name="desk">What decides.</param>
    /// <param name="connect">Finds a site's connections; asked once a site.</param>
    /// <param name="tools">What all fleets share.</param>
    /// <param name="clock">Milliseconds of the selector's clock.</param>
    /// <param name="isImmutable">Whether a file never changes under its name.</param>
    public Fleet(
        FetchDesk desk,
        Func<Site, MirrorTransport> connect,
        FetchTools tools,
        Func<double> clock,
        bool isImmutable)
    {
        Desk = desk;
        Tools = tools;
        IsImmutable = isImmutable;
        _connect = connect;
        _clock = clock;
        _watch = new SiteWatch(tools.Log);
        PastCaches = new PastCaches(this);
    }

    /// <summary>What decides.</summary>
    public FetchDesk Desk { get; }

    /// <summary>What all fleets share.</summary>
    public FetchTools Tools { get; }

    /// <summary>Whether a file never changes under its name.</summary>
    public bool IsImmutable { get; }

    /// <summary>Finds out who made wrong bytes.</summary>
    public PastCaches PastCaches { get; }

    /// <summary>The time, in milliseconds of the selector's clock.</summary>
    public double Now => _clock();

    /// <summary>The connections to a site.</summary>
    /// <param name="site">The site.</param>
    /// <returns>Its transport.</returns>
    public MirrorTransport TransportOf(Site site) =>
        _transports.TryGetValue(site, out MirrorTransport? transport)
            ? transport : _transports.GetOrAdd(site, _connect);

    /// <summary>A site is asked.</summary>
    /// <param name="site">The site.</param>
    /// <param name="reason">Why this one.</param>
    public void Asked(Site site, ChoiceReason reason) =>
        _watch.Asked(
            reason == ChoiceReason.Panic && site.Health.At(Now) >= SiteCondition.Ejected,
            TransportOf(site).Name,
            Now);

    /// <summary>Something that ended may have changed what a site may be asked.</summary>
    /// <param name="site">The site.</param>
    /// <param name="outcome">How it ended.</param>
    /// <param name="fact">What happened.</param>
    public void Ended(Site site, AttemptOutcome outcome, string? fact) =>
        _watch.Ended(site, TransportOf(site).Name, outcome, fact, Desk.IsInterfered, Now);

    /// <summary>Holds a site responsible for wrong bytes, and the server that a redirect led to as
    /// well, where that is one of ours.</summary>
    /// <param name="site">The site that was asked.</param>
    /// <param name="server">Where the bytes came from.</param>
    /// <param name="outcome">For what.</param>
    /// <param name="fact">What happened.</param>
    public void Blame(Site site, Uri? server, AttemptOutcome outcome, string fact)
    {
        Desk.Blame(site, outcome, Now);
        Ended(site, outcome, fact);
        BlameServer(site, server, outcome, fact);
    }

    /// <summary>Holds the server responsible that a redirect led to, where that is one of
    /// ours.</summary>
    /// <inheritdoc cref="Blame"/>
    public void BlameServer(Site site, Uri? server, AttemptOutcome outcome, string fact)
    {
        if (server is null || Redirect.IsSameServer(server, site.Mirror.Address))
        {
            return;
        }

        foreach (Site other in Desk.Sites)
        {
            if (Redirect.IsSameServer(server, other.Mirror.Address))
            {
                Desk.Blame(other, outcome, Now);
                Ended(other, outcome, fact);
            }
        }
    }
}
