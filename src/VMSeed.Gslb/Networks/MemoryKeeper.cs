using System.Text.Json;
using VMSeed.Gslb.Diagnostics;
using VMSeed.Gslb.Selection;

namespace VMSeed.Gslb.Networks;

/// <summary>Keeps what is known of mirrors from one run to the next, for each network by
/// itself.</summary>
/// <remarks>
/// A program that starts with it sends its first request to the mirror that was best here, and
/// races none. It is read once, when the first request comes; written each minute and at the end,
/// over what other processes have written meanwhile. It is a convenience in every respect: a file
/// that cannot be read or written costs one line in the log, and nothing else.
/// </remarks>
internal sealed class MemoryKeeper : IDisposable
{
    /// <summary>The file's name, in the folder that the user names.</summary>
    public const string FileName = "mirrors.json";

    // What a program that is killed loses; writing more often wears disks for nothing.
    private static readonly TimeSpan _interval = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly MemoryFile _file;
    private readonly Func<string> _network;
    private readonly TimeProvider _time;
    private readonly MirrorLog _log;
    private readonly Func<IEnumerable<KeyValuePair<Uri, SiteMemory>>> _learned;
    private readonly ITimer _timer;
    private Dictionary<string, SavedMirror>? _begun;
    private string _name = NetworkName.Unknown;
    private long _since = long.MinValue;
    private bool _hasComplained;

    /// <summary>Makes a keeper; nothing is read.</summary>
    /// <param name="folder">Where the file is.</param>
    /// <param name="network">Names the network that the machine is in now.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Hears what is wrong with the file, once.</param>
    /// <param name="learned">What is known now, of every mirror.</param>
    public MemoryKeeper(
        string folder,
        Func<string> network,
        TimeProvider time,
        MirrorLog log,
        Func<IEnumerable<KeyValuePair<Uri, SiteMemory>>> learned)
    {
        _file = new MemoryFile(Path.Combine(Path.GetFullPath(folder), FileName));
        (_network, _time, _log, _learned) = (network, time, log, learned);
        _timer = time.CreateTimer(_ => Save(), null, Timeout.InfiniteTimeSpan, _interval);
    }

    /// <summary>What was known of a mirror over this network when the first request came.</summary>
    /// <param name="address">The mirror's root.</param>
    /// <returns>Null where nothing was.</returns>
    public SiteMemory? Find(Uri address)
    {
        lock (_gate)
        {
            _begun ??= Begin();
            return _begun.TryGetValue(KeyOf(address), out SavedMirror? saved)
                ? Restore(saved)
                : null;
        }
    }

    /// <summary>Writes down what is known now.</summary>
    public void Save()
    {
        lock (_gate)
        {
            if (_begun is not null)
            {
                SaveUnsynchronized();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        Save();
    }

    private long Now => _time.GetUtcNow().ToUnixTimeSeconds();

    private Dictionary<string, SavedMirror> Begin()
    {
        _name = _network();
        _timer.Change(_interval, _interval);
        return MemoryBook.MirrorsOf(Read(), _name).ToDictionary(mirror => mirror.Address);
    }

    // In another network than before, what was measured before says nothing of this one.
    private void SaveUnsynchronized()
    {
        string name = _network();
        long now = Now;
        if (name != _name)
        {
            (_name, _since) = (name, now);
        }

        SavedMirror[] learned =
        [
            .. _learned().Select(entry => Write(entry.Key, entry.Value, now))
                .Where(mirror => mirror.At > _since),
        ];
        if (learned.Length == 0)
        {
            return;
        }

        try
        {
            _file.Replace(MemoryBook.Merge(Read(), name, learned, now));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Complain(_log.MemoryNotKept, e);
        }
    }

    private SavedMemory Read()
    {
        try
        {
            return MemoryBook.Clean(_file.Read(), Now);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            Complain(_log.MemoryIgnored, e);
            return SavedMemory.Empty;
        }
    }

    private void Complain(Action<string, string> tell, Exception fault)
    {
        if (!_hasComplained)
        {
            _hasComplained = true;
            tell(_file.Path, fault.Message);
        }
    }

    private SiteMemory Restore(SavedMirror saved)
    {
        long now = Now;
        return new SiteMemory(
            saved.FirstByte,
            saved.Deviation,
            saved.RoundTrip,
            saved.Bandwidth,
            Math.Max(now - saved.At, 0) * 1_000.0,
            Math.Max(saved.QuarantinedUntil - now, 0) * 1_000.0);
    }

    private static SavedMirror Write(Uri address, SiteMemory known, long now) => new(
        KeyOf(address),
        Math.Round(known.FirstByte, 3),
        Math.Round(known.Deviation, 3),
        Math.Round(known.RoundTrip, 3),
        Math.Round(known.Bandwidth, 3),
        now - (long)(known.Age / 1_000),
        known.QuarantinedFor > 0 ? now + (long)(known.QuarantinedFor / 1_000) : 0);

    private static string KeyOf(Uri address) => address.GetLeftPart(UriPartial.Path);
}
