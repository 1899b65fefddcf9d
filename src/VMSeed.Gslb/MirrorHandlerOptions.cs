using System.Net;
using System.Net.Security;
using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Networks;

namespace VMSeed.Gslb;

/// <summary>Which mirrors a <see cref="MirrorHandler"/> chooses from, and how it connects to
/// them.</summary>
public sealed class MirrorHandlerOptions
{
    /// <summary>The address below which requests are meant for mirrors, absolute, http or
    /// https.</summary>
    /// <value>Null by default: then each request says it itself, under the key
    /// <c>VMSeed.Root</c>.</value>
    public Uri? Root { get; set; }

    /// <summary>Where else the files below <see cref="Root"/> are.</summary>
    /// <value>Empty by default; with the root itself at most 100.</value>
    public IList<Mirror> Mirrors { get; } = [];

    /// <summary>Whether <see cref="Root"/>, and the root that a request names, is asked
    /// itself.</summary>
    /// <value>True by default. False for a root that is only a name.</value>
    public bool IsRootAsked { get; set; } = true;

    /// <summary>Whether a file below <see cref="Root"/> never changes under its name, so that a
    /// long body may go on at any mirror whose file is of the same length.</summary>
    /// <value>False by default: then it goes on only where the same strong ETag, or length and
    /// Last-Modified, say that it is the same file. Requests with the key <c>VMSeed.Root</c> need
    /// neither: whoever sets it checks what it reads.</value>
    public bool AreFilesImmutable { get; set; }

    /// <summary>The time in which a connection must be made, over all addresses of a
    /// name.</summary>
    /// <value>3 s by default; 50 ms to 1 minute.</value>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>The age at which a connection is not used again, so that changes of the name
    /// service are seen.</summary>
    /// <value>5 minutes by default; 1 s to 1 day.</value>
    public TimeSpan ConnectionLifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The version of HTTP that is asked for over TLS; without TLS it is 1.1.</summary>
    /// <value>1.1 by default, or 2.0.</value>
    public Version SecureVersion { get; set; } = HttpVersion.Version11;

    /// <summary>Whether a proxy is used.</summary>
    /// <value>True by default.</value>
    public bool UseProxy { get; set; } = true;

    /// <summary>The proxy.</summary>
    /// <value>Null by default: the one that the system names, if any.</value>
    public IWebProxy? Proxy { get; set; }

    /// <summary>What is asked of TLS.</summary>
    /// <value>Null by default: the platform's way.</value>
    public SslClientAuthenticationOptions? SslOptions { get; set; }

    /// <summary>The folder in which what is known of mirrors is kept from one run to the next, for
    /// each network by itself, in the file <c>mirrors.json</c>.</summary>
    /// <value>Null by default: nothing is kept. It may be that of LazyDiskOptions.StateDirectory,
    /// and several processes may have the same.</value>
    /// <remarks>The file names the mirrors (without queries), so that whoever may read it sees what
    /// is read here; it is made readable for its owner alone. It is read with the first request,
    /// written each minute and when the handler is disposed of. Eight networks of up to 250 mirrors
    /// are kept, and what was measured in the last 7 days; what cannot be read is as if it were not
    /// there.</remarks>
    public string? StateDirectory { get; set; }

    /// <summary>Names the network that the machine is in; for tests, which have but one.</summary>
    internal Func<string> Network { get; set; } = NetworkName.Find;

    /// <summary>How long a fetch may take, and what it may cost the mirrors.</summary>
    public MirrorSelectorOptions Selector { get; } = new();

    /// <summary>The seed of all chance: which of equal mirrors is chosen, and jitter.</summary>
    /// <value>Null by default: another one for each handler.</value>
    public int? Seed { get; set; }

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentException">Names every value out of its limits.</exception>
    internal void Validate()
    {
        List<string> faults = [];
        CheckTime(ConnectTimeout, 0.05, 60, nameof(ConnectTimeout), faults);
        CheckTime(ConnectionLifetime, 1, 86_400, nameof(ConnectionLifetime), faults);
        Selector.Check(faults);
        if (SecureVersion != HttpVersion.Version11 && SecureVersion != HttpVersion.Version20)
        {
            faults.Add($"{nameof(SecureVersion)} is {SecureVersion}, not 1.1 or 2.0.");
        }

        if (StateDirectory is { } folder && string.IsNullOrWhiteSpace(folder))
        {
            faults.Add($"{nameof(StateDirectory)} is '{folder}', which is no folder.");
        }

        if (Root is { } root)
        {
            CheckAddress(root, nameof(Root), faults);
        }
        else if (Mirrors.Count > 0)
        {
            faults.Add($"{nameof(Mirrors)} are named without the {nameof(Root)} that they mirror.");
        }

        foreach (Mirror mirror in Mirrors)
        {
            CheckAddress(mirror.Address, nameof(Mirrors), faults);
        }

        int count = Mirrors.Count + (IsRootAsked ? 1 : 0);
        if (Root is not null && count is 0 or > MirrorSelector.MostMirrors)
        {
            faults.Add($"There are {count} mirrors, not 1 to {MirrorSelector.MostMirrors}.");
        }

        if (faults.Count > 0)
        {
            throw new ArgumentException(string.Join(' ', faults));
        }
    }

    private static void CheckTime(
        TimeSpan value, double least, double most, string name, List<string> faults)
    {
        if (value.TotalSeconds < least || value.TotalSeconds > most)
        {
            faults.Add(FormattableString.Invariant(
                $"{name} is {value.TotalSeconds} s, not {least} to {most} s."));
        }
    }

    private static void CheckAddress(Uri address, string name, List<string> faults)
    {
        if (!MirrorAddress.IsValid(address))
        {
            faults.Add(MirrorAddress.FaultOf(address, name));
        }
    }
}
