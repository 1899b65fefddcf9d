using System.Globalization;
using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;
using VMSeed.Gslb;
using VMSeed.Gslb.Health;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Mirrors;

/// <summary>Measures the mirrors of an image by reading it: from each of them alone, so that every
/// one is known, and over all of them together, so that it is seen which is chosen.</summary>
/// <param name="client">The client with all mirrors.</param>
/// <param name="options">How the image is opened.</param>
internal sealed class MirrorTable(MirrorClient client, LazyDiskOptions options)
{
    // Of each mirror: 16 blocks of the usual size, a second or so on a slow line.
    private const long ProbeBytes = 1 << 20;
    private const int Piece = 256 * 1024;

    private readonly Dictionary<Uri, MirrorStatus> _alone = [];

    /// <summary>Reads a little from each mirror alone.</summary>
    public async Task ProbeAsync(
        IReadOnlyList<MirrorPlace> places, CancellationToken cancellationToken) =>
        await Task.WhenAll(places.Select(place => ProbeAsync(place, cancellationToken)));

    /// <summary>Reads over all mirrors.</summary>
    /// <param name="address">The image's address.</param>
    /// <param name="bytes">How much.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task ReadAsync(string address, long bytes, CancellationToken cancellationToken)
    {
        try
        {
            await using LazyDisk disk = await LazyDisk.OpenAsync(
                address, options with { HttpClient = client.Http }, cancellationToken);
            await ReadAsync(disk, bytes, cancellationToken);
        }
        catch (BlockIOException fault)
        {
            ErrorReport.WriteLine($"warning: {fault.Message}");
        }
    }

    /// <summary>What is known now, one mirror a row.</summary>
    public IReadOnlyList<MirrorStatus> Rows(ImageAddress image, IReadOnlyList<MirrorPlace> places)
    {
        Dictionary<Uri, MirrorStatus> together =
            (client.Handler.FindSelector(image.Root)?.Snapshot() ?? [])
                .ToDictionary(row => row.Address);
        return [.. places.Select(place => Join(
            place.Root,
            together.GetValueOrDefault(place.Root),
            _alone.GetValueOrDefault(place.Root)))];
    }

    /// <summary>Rows for people.</summary>
    public static IReadOnlyList<string[]> Format(IReadOnlyList<MirrorStatus> rows)
    {
        long total = Math.Max(1, rows.Sum(row => row.Requests));
        List<string[]> table =
        [
            [
                "mirror", "state", "first byte", "throughput", "in flight", "share", "failed",
                "missing", "corrupt", "ejected",
            ],
        ];
        table.AddRange(rows.Select(row => new[]
        {
            (row.IsPreferred ? "* " : "  ") + row.Address,
            StateOf(row),
            row.FirstByte is { } time ? $"{Number(time.TotalMilliseconds)} ms" : "-",
            row.Throughput is { } speed ? $"{ByteSize.Format((long)speed)}/s" : "-",
            $"{row.InFlight}",
            $"{row.Requests * 100 / total} %",
            $"{row.Failures}",
            $"{row.Missing}",
            $"{row.Corrupt}",
            $"{row.Ejections}",
        }));
        return table;
    }

    /// <summary>A mirror's state in a word.</summary>
    public static string StateOf(MirrorStatus row) => row.Condition switch
    {
        SiteCondition.Healthy when row is { FirstByte: null, Failures: > 0 } => "failing",
        SiteCondition.Healthy => "healthy",
        SiteCondition.SlowStart => "returning",
        SiteCondition.Probation => "on probation",
        SiteCondition.Ejected => "ejected",
        SiteCondition.Resting => "resting",
        SiteCondition.Quarantined => "quarantined",
        _ => row.Condition.ToString(),
    };

    private static string Number(double value) =>
        value.ToString(value < 10 ? "0.0" : "0", CultureInfo.InvariantCulture);

    // Only the one over all mirrors says what is chosen; wrong bytes and failures count wherever
    // they were met.
    private static MirrorStatus Join(Uri root, MirrorStatus? together, MirrorStatus? alone)
    {
        MirrorStatus? known = together ?? alone;
        return known is null || together is null || alone is null
            ? (known ?? Unknown(root)) with
            {
                Requests = together?.Requests ?? 0,
                IsPreferred = together?.IsPreferred == true,
            }
            : together with
            {
                Condition = (SiteCondition)Math.Max(
                    (int)together.Condition, (int)alone.Condition),
                FirstByte = together.FirstByte ?? alone.FirstByte,
                Throughput = together.Throughput ?? alone.Throughput,
                Failures = together.Failures + alone.Failures,
                Missing = together.Missing + alone.Missing,
                Corrupt = together.Corrupt + alone.Corrupt,
                Ejections = together.Ejections + alone.Ejections,
            };
    }

    private static MirrorStatus Unknown(Uri root) => new()
    {
        Address = root,
        Condition = SiteCondition.Healthy,
        IsPreferred = false,
        FirstByte = null,
        Throughput = null,
        InFlight = 0,
        ConcurrencyLimit = 0,
        Requests = 0,
        Bytes = 0,
        Failures = 0,
        Missing = 0,
        Corrupt = 0,
        Ejections = 0,
    };

    // A handler of its own, without mirrors: it asks this one and no other.
    private async Task ProbeAsync(MirrorPlace place, CancellationToken cancellationToken)
    {
        using MirrorHandler handler = new(new MirrorHandlerOptions { Root = place.Root });
        using HttpClient http = new(new WithoutMirrors(handler))
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        try
        {
            await using LazyDisk disk = await LazyDisk.OpenAsync(
                place.Address,
                options with { HttpClient = http, StateDirectory = null },
                cancellationToken);
            await ReadAsync(disk, ProbeBytes, cancellationToken);
        }
        catch (BlockIOException)
        {
            // What it was is in the mirror's row.
        }

        if (handler.FindSelector(place.Root)?.Snapshot() is [{ } status])
        {
            _alone[place.Root] = status;
        }
    }

    private static async Task ReadAsync(
        LazyDisk disk, long bytes, CancellationToken cancellationToken)
    {
        byte[] piece = new byte[(int)Math.Min(Piece, disk.Length)];
        for (long done = 0; done < bytes && piece.Length > 0; done += piece.Length)
        {
            long offset = done % (disk.Length - piece.Length + 1);
            await disk.ReadAsync(offset, piece, cancellationToken);
        }
    }

    private sealed class WithoutMirrors(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        private static readonly HttpRequestOptionsKey<IReadOnlyList<Uri>> _key =
            new("VMSeed.Mirrors");

        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            ((IDictionary<string, object?>)request.Options).Remove(_key.Key);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
