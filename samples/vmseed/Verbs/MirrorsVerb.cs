using System.CommandLine;
using Microsoft.Extensions.Logging;
using Spectre.Console;
using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;
using VMSeed.Gslb;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Mirrors;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Verbs;

/// <summary><c>vmseed mirrors ADDRESS</c>: how the mirrors of an image do, and whether they have
/// the same.</summary>
internal sealed class MirrorsVerb : Verb
{
    // ECMA-48: the cursor to the first line, and all below it gone.
    private const string HomeAndErase = "\e[H\e[J";

    private const int SampledBlocks = 64;
    private const long ReadBytes = 8 << 20;

    // What is worst for a reader comes first.
    private static readonly FailureReason[] _gravity =
    [
        FailureReason.Corrupt,
        FailureReason.Missing,
        FailureReason.Refused,
        FailureReason.Unavailable,
    ];

    private readonly ReaderOptions _reader = new();

    private readonly Option<bool> _watch = new("--watch", "-w")
    {
        Description = "Go on reading, and show the table every second until Ctrl-C.",
    };

    private readonly Option<bool> _verify = new("--verify")
    {
        Description = "Compare the mirrors instead: versions, and a sample of their blocks. The "
            + "exit code says the worst that was found.",
    };

    private readonly Option<bool> _all = new("--all")
    {
        Description = "With --verify: every object, not a sample.",
    };

    public MirrorsVerb()
        : base("mirrors", "Shows how the mirrors of an image do, or compares what they have.")
    {
        _reader.AddTo(this);
        Add(_watch);
        Add(_verify);
        Add(_all);
        Add(SharedOptions.Json);
    }

    protected override async Task<int> RunAsync(
        ParseResult line, CancellationToken cancellationToken)
    {
        using ILoggerFactory loggers = Loggers.Create(line);
        string address = _reader.AddressOf(line);
        ImageAddress image = ImageAddress.TryParse(address) ?? throw new ToolException(
            ExitCode.Usage, $"{address} is no published image on a web server.");
        LazyDiskOptions options = _reader.Build(line, loggers) with
        {
            CacheDirectory = null,
            ReadAhead = false,
        };
        using MirrorClient client =
            (await _reader.ConnectAsync(line, loggers, cancellationToken))!;
        IReadOnlyList<MirrorPlace> places = await FindAsync(
            line, client, image, options, cancellationToken);

        // What an opening warns of has been said; the handler still tells of its mirrors.
        LazyDiskOptions quiet = options with { LoggerFactory = null };
        return line.GetValue(_verify)
            ? await VerifyAsync(line, options, places, cancellationToken)
            : await ShowAsync(line, new MirrorTable(client, quiet), image, places,
                cancellationToken);
    }

    private async Task<IReadOnlyList<MirrorPlace>> FindAsync(
        ParseResult line,
        MirrorClient client,
        ImageAddress image,
        LazyDiskOptions options,
        CancellationToken cancellationToken)
    {
        IReadOnlyList<Uri> named = await _reader.MirrorsOfAsync(line, image, cancellationToken);
        await using LazyDisk disk = await LazyDisk.OpenAsync(
            _reader.AddressOf(line), options with { HttpClient = client.Http }, cancellationToken);
        return MirrorPlace.Of(image, named.Concat(disk.Head.Mirrors));
    }

    private async Task<int> ShowAsync(
        ParseResult line,
        MirrorTable table,
        ImageAddress image,
        IReadOnlyList<MirrorPlace> places,
        CancellationToken cancellationToken)
    {
        await table.ProbeAsync(places, cancellationToken);
        if (line.GetValue(_watch))
        {
            await WatchAsync(_reader.AddressOf(line), table, image, places, cancellationToken);
            return ExitCode.Done;
        }

        await table.ReadAsync(_reader.AddressOf(line), ReadBytes, cancellationToken);
        IReadOnlyList<MirrorStatus> rows = table.Rows(image, places);
        if (line.GetValue(SharedOptions.Json))
        {
            Report.WriteJson(rows.Select(ToJson));
        }
        else
        {
            Report.WriteTable(MirrorTable.Format(rows));
        }

        return ExitCode.Done;
    }

    private static async Task WatchAsync(
        string address,
        MirrorTable table,
        ImageAddress image,
        IReadOnlyList<MirrorPlace> places,
        CancellationToken cancellationToken)
    {
        Task reading = Task.CompletedTask;
        try
        {
            while (true)
            {
                // A read from mirrors that are gone takes its time, in which the table goes on.
                if (reading.IsCompleted)
                {
                    await reading;
                    reading = table.ReadAsync(address, ReadBytes, cancellationToken);
                }

                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
                Draw(table.Rows(image, places));
            }
        }
        finally
        {
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static void Draw(IReadOnlyList<MirrorStatus> rows)
    {
        if (!Console.IsOutputRedirected)
        {
            // Not a clear, which would take with it what the terminal has scrolled away.
            AnsiConsole.Write(new ControlCode(HomeAndErase));
        }

        Report.WriteTable(MirrorTable.Format(rows));
    }

    private async Task<int> VerifyAsync(
        ParseResult line,
        LazyDiskOptions options,
        IReadOnlyList<MirrorPlace> places,
        CancellationToken cancellationToken)
    {
        MirrorComparison comparison = new(options, line.GetValue(_all) ? 0 : SampledBlocks);
        IReadOnlyList<MirrorFinding> findings =
            await comparison.CompareAsync(places, cancellationToken);
        if (line.GetValue(SharedOptions.Json))
        {
            Report.WriteJson(findings.Select(finding => new
            {
                mirror = finding.Root,
                version = finding.Version,
                lag = finding.Lag,
                finding.Checked,
                finding.Faults,
            }));
        }
        else
        {
            Write(findings, line.GetValue(_all) ? "objects" : "blocks");
        }

        bool isLate = findings.Any(finding => finding.Lag > 0);
        return _gravity
            .Where(reason => findings.Any(f => f.Faults.Any(fault => fault.Reason == reason))
                || (isLate && reason == FailureReason.Missing))
            .Select(ExitCode.Of)
            .FirstOrDefault(ExitCode.Done);
    }

    private static void Write(IReadOnlyList<MirrorFinding> findings, string unit)
    {
        List<string[]> rows = [["mirror", "version", "behind", unit, "verdict"]];
        rows.AddRange(findings.Select(finding => new[]
        {
            $"{finding.Root}",
            finding.Version is { } version ? $"{version}" : "-",
            $"{finding.Lag}",
            $"{finding.Checked}",
            finding.Faults.Count > 0
                ? string.Join(", ", finding.Faults
                    .Select(fault => fault.Reason.ToString().ToLowerInvariant()).Distinct())
                : finding.Lag > 0 ? "late" : "good",
        }));
        Report.WriteTable(rows);
        foreach (MirrorFinding finding in findings)
        {
            foreach (MirrorFault fault in finding.Faults)
            {
                Console.Out.WriteLine($"{finding.Root}: {fault.Message}");
            }
        }
    }

    private static object ToJson(MirrorStatus row) => new
    {
        mirror = row.Address,
        state = MirrorTable.StateOf(row),
        isPreferred = row.IsPreferred,
        firstByteMilliseconds = row.FirstByte?.TotalMilliseconds,
        bytesPerSecond = row.Throughput,
        row.InFlight,
        row.Requests,
        row.Failures,
        row.Missing,
        row.Corrupt,
        row.Ejections,
    };
}
