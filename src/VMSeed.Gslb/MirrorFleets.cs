using System.Collections.Concurrent;
using System.Security.Cryptography;
using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Networks;
using VMSeed.Gslb.Selection;
using VMSeed.Gslb.Transport.Fetching;
using VMSeed.Gslb.Transport.Requests;
using VMSeed.Gslb.Transport.Sockets;

namespace VMSeed.Gslb;

/// <summary>The mirrors of each repository that a handler is asked for.</summary>
/// <remarks>Requests that name no list, as those of a disk do until it has read its head, share a
/// selector; the first list that is named becomes that selector's. Every other list has one of its
/// own, which begins with what the newest knows; connections are kept by address, so that fetches
/// of an old one end in peace. Lists are told apart by reference first, for that is what each
/// request costs.</remarks>
internal sealed class MirrorFleets : IDisposable
{
    // Images of one repository may name different mirrors; a list that no request has named while
    // so many others were is forgotten.
    private const int MostLists = 8;

    private readonly MirrorHandlerOptions _options;
    private readonly TransportSettings _settings;
    private readonly Lock _gate = new();
    private readonly Random _random;
    private readonly ConcurrentDictionary<Uri, Entry[]> _fleets = new();
    private readonly Dictionary<(Uri, bool), MirrorTransport> _transports = [];
    private readonly MemoryKeeper? _keeper;
    private readonly Uri? _root;
    private bool _isDisposed;

    /// <summary>Makes the book.</summary>
    /// <param name="options">The options, valid.</param>
    /// <param name="tools">What all fetches share.</param>
    /// <param name="settings">How connections are made.</param>
    public MirrorFleets(
        MirrorHandlerOptions options, FetchTools tools, TransportSettings settings)
    {
        _options = options;
        _settings = settings;
        Tools = tools;
        _random = new Random(options.Seed ?? RandomNumberGenerator.GetInt32(int.MaxValue));
        _root = options.Root is { } root ? MirrorAddress.WithSlash(root) : null;
        _keeper = options.StateDirectory is { } folder
            ? new MemoryKeeper(folder, options.Network, tools.Time, tools.Log, Remember)
            : null;
    }

    /// <summary>What all fetches share.</summary>
    public FetchTools Tools { get; }

    /// <summary>Finds the mirrors of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="plan">What is asked of them.</param>
    /// <returns>Null for a request that is not one for mirrors.</returns>
    public Fleet? Find(HttpRequestMessage request, out RequestPlan? plan)
    {
        request.Options.TryGetValue(MirrorKeys.Mirrors, out IReadOnlyList<Uri>? mirrors);
        bool hasRoot = request.Options.TryGetValue(MirrorKeys.Root, out Uri? root);
        root = hasRoot ? root : _root;
        plan = root is null ? null : RequestPlan.TryMake(request, root);
        return plan is null ? null : Find(root!, mirrors).Fleet;
    }

    /// <summary>The selector of a repository, once it has been asked for.</summary>
    /// <param name="root">Its root, as its requests are addressed.</param>
    /// <returns>Null before the first request.</returns>
    public MirrorSelector? SelectorOf(Uri root) =>
        _fleets.TryGetValue(MirrorAddress.WithSlash(root), out Entry[]? known)
            ? known[0].Selector : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        _keeper?.Dispose();
        lock (_gate)
        {
            foreach (MirrorTransport transport in _transports.Values)
            {
                transport.Dispose();
            }

            _isDisposed = true;
            _transports.Clear();
        }
    }

    // A disk does not know its mirrors before it has read its head: until then, those that another
    // disk of the repository has found will do.
    private Entry Find(Uri root, IReadOnlyList<Uri>? list)
    {
        if (_fleets.TryGetValue(root, out Entry[]? known)
            && (list is null ? known[0] : Array.Find(known, x => x.List == list)) is { } found)
        {
            return found;
        }

        lock (_gate)
        {
            known = _fleets.GetValueOrDefault(root, []);
            Mirror[] mirrors = Gather(root, list);
            Entry entry =
                Array.Find(known, x => x.Mirrors.AsSpan().SequenceEqual(mirrors)) is { } same
                    ? same with { List = list }
                    : known is [{ List: null } unnamed] ? Name(unnamed, list, mirrors)
                    : Make(root, list, mirrors, known.FirstOrDefault()?.Selector.Remember());
            _fleets[root] =
            [
                entry, .. known.Where(x => x.Fleet != entry.Fleet).Take(MostLists - 1),
            ];
            return entry;
        }
    }

    private Mirror[] Gather(Uri root, IReadOnlyList<Uri>? list)
    {
        List<Mirror> mirrors = _options.IsRootAsked ? [new Mirror(root)] : [];
        IEnumerable<Mirror> others = root.Equals(_root) ? _options.Mirrors : [];
        foreach (Mirror mirror in others.Concat((list ?? []).Select(uri => new Mirror(uri))))
        {
            Uri address = MirrorAddress.WithSlash(mirror.Address);
            bool isNew = mirrors.Count < MirrorSelector.MostMirrors
                && !mirrors.Exists(other => other.Address == address);
            if (isNew)
            {
                mirrors.Add(mirror with { Address = address });
            }
        }

        return mirrors.Count > 0 ? [.. mirrors] : [new Mirror(root)];
    }

    private static Entry Name(Entry entry, IReadOnlyList<Uri>? list, Mirror[] mirrors)
    {
        entry.Selector.Change(mirrors);
        return entry with { List = list, Mirrors = mirrors };
    }

    // Another list takes what is known of its mirrors along.
    private Entry Make(
        Uri root,
        IReadOnlyList<Uri>? list,
        Mirror[] mirrors,
        IReadOnlyDictionary<Uri, SiteMemory>? memory)
    {
        MirrorSelector selector = new(
            mirrors,
            Tools.Time,
            NextRandom,
            address => memory?.GetValueOrDefault(address) ?? _keeper?.Find(address),
            _options.Selector);
        Fleet fleet = new(
            selector.Desk,
            site => TransportOf(site.Mirror, root),
            Tools,
            () => selector.Now,
            _options.AreFilesImmutable && root.Equals(_root));
        return new Entry(list, mirrors, selector, fleet);
    }

    private MirrorTransport TransportOf(Mirror mirror, Uri root)
    {
        (Uri, bool IsOrigin) key = (mirror.Address, mirror.Address == root);
        lock (_gate)
        {
            if (!_transports.TryGetValue(key, out MirrorTransport? transport))
            {
                transport = new MirrorTransport(mirror, key.IsOrigin, _settings);
                _transports.Add(key, transport);
                if (_isDisposed)
                {
                    // A fetch that goes on a moment longer than the handler: its attempt fails.
                    transport.Dispose();
                }
            }

            return transport;
        }
    }

    private IEnumerable<KeyValuePair<Uri, SiteMemory>> Remember() =>
        _fleets.Values.SelectMany(entries => entries)
            .SelectMany(entry => entry.Selector.Remember());

    private double NextRandom()
    {
        lock (_random)
        {
            return _random.NextDouble();
        }
    }

    private sealed record Entry(
        IReadOnlyList<Uri>? List, Mirror[] Mirrors, MirrorSelector Selector, Fleet Fleet);
}
