using System.CommandLine;
using Microsoft.Extensions.Logging;
using VMSeed.Blocks.Publishing;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Keys;
using VMSeed.Tool.Mirrors;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Verbs;

/// <summary><c>vmseed sync SRC DST</c>: a repository, or one image of a web server, onto a
/// mirror.</summary>
internal sealed class SyncVerb : Verb
{
    private readonly Argument<string> _source = new("source")
    {
        Description = "What to copy: a repository's folder, or one image, "
            + "https://host/images/NAME.vmseed or a path to that file, with its public key behind "
            + "it as #RWQ….",
    };

    private readonly Argument<string> _mirror = new("mirror")
    {
        Description = "The mirror's folder: what its web server serves. Made if it is not there.",
    };

    private readonly Option<string?> _image = new("--image")
    {
        Description = "The one image to copy out of a folder. [default: all]",
        HelpName = "NAME",
    };

    private readonly Option<bool> _verify = new("--verify")
    {
        Description = "Hash what the mirror has already, and copy again what is wrong.",
    };

    private readonly Option<bool> _delete = new("--delete")
    {
        Description = "Then delete what the source no longer has, as far as 'vmseed gc' would.",
    };

    private readonly MirrorOptions _mirrors = new();

    private readonly Option<string[]> _publicKeys = new("--public-key", "-p")
    {
        Description = "A key that may have signed: a .pub file, or its text RWQ…. Repeatable.",
        HelpName = "FILE|KEY",
    };

    private readonly Option<bool> _allowUnsigned = new("--allow-unsigned")
    {
        Description = "Copy an image of a web server that no given key vouches for.",
    };

    private readonly Option<TimeSpan?> _timeout = Quantities.Time(
        "--timeout", "How long an object is tried for before the copy fails. [default: 60s]");

    public SyncVerb()
        : base("sync", "Copies a repository onto a mirror: objects first, heads last, verified.")
    {
        Add(_source);
        Add(_mirror);
        Add(_image);
        Add(_verify);
        Add(_delete);
        _mirrors.AddTo(this);
        Add(_publicKeys);
        Add(_allowUnsigned);
        Add(_timeout);
        Add(SharedOptions.Quiet);
        Add(SharedOptions.Json);
    }

    protected override async Task<int> RunAsync(
        ParseResult line, CancellationToken cancellationToken)
    {
        SyncOptions options = Build(line);
        string source = line.GetRequiredValue(_source);
        CheckTrust(source, options);
        using ILoggerFactory loggers = Loggers.Create(line);
        using MirrorClient? client =
            await _mirrors.ConnectAsync(line, source, null, loggers, cancellationToken);
        options = options with { HttpClient = client?.Http };
        string mirror = line.GetRequiredValue(_mirror);
        SyncResult result = await ProgressBar.RunAsync(
            line.GetValue(SharedOptions.Quiet),
            "Copying",
            total: 0,
            bar => RepositoryMirror.SyncAsync(
                source,
                mirror,
                options,
                new SyncTicks(bar),
                cancellationToken));
        if (line.GetValue(SharedOptions.Json))
        {
            WriteJson(result);
        }
        else if (!line.GetValue(SharedOptions.Quiet))
        {
            WriteText(result, mirror);
        }

        return ExitCode.Done;
    }

    private SyncOptions Build(ParseResult line)
    {
        SyncOptions defaults = new();
        TimeSpan timeout = line.GetValue(_timeout) ?? defaults.ReadDeadline;
        return defaults with
        {
            Image = line.GetValue(_image),
            PublicKeys = [.. (line.GetValue(_publicKeys) ?? []).Select(KeyFiles.ReadPublic)],
            AllowUnsigned = line.GetValue(_allowUnsigned),
            VerifyPresent = line.GetValue(_verify),
            Collect = line.GetValue(_delete) ? new CollectOptions() : null,
            ReadDeadline = timeout,
            NoProgressTimeout =
                timeout < defaults.NoProgressTimeout ? timeout : defaults.NoProgressTimeout,
        };
    }

    private static void CheckTrust(string source, SyncOptions options)
    {
        bool isWeb = source.StartsWith("http", StringComparison.OrdinalIgnoreCase)
            && source.Contains("://", StringComparison.Ordinal);
        bool hasKey = options.PublicKeys.Count > 0
            || source.Contains("#RW", StringComparison.Ordinal);
        if (isWeb && !hasKey && !options.AllowUnsigned)
        {
            throw new ToolException(
                ExitCode.Refused,
                $"no public key for {source}: give --public-key FILE, put #RWQ… behind the "
                + "address, or say --allow-unsigned.");
        }
    }

    private static void WriteText(SyncResult result, string mirror)
    {
        foreach ((string name, long version) in result.Images)
        {
            Console.Out.WriteLine($"{mirror} has {name} version {version}.");
        }

        Console.Out.WriteLine(
            $"{result.CopiedObjects} of {result.Objects} objects copied, "
            + $"{ByteSize.Format(result.CopiedBytes)} of {ByteSize.Format(result.Bytes)}; "
            + $"{result.NewHeads} new heads.");
        if (result.Collected is { } gone)
        {
            Console.Out.WriteLine(
                $"{gone.DeletedHeads} versions and {gone.DeletedObjects} objects deleted, "
                + $"{ByteSize.Format(gone.DeletedBytes)}.");
        }
    }

    private static void WriteJson(SyncResult result) => Report.WriteJson(new
    {
        images = result.Images.Select(image => new { name = image.Name, version = image.Version }),
        newHeads = result.NewHeads,
        objects = result.Objects,
        copiedObjects = result.CopiedObjects,
        bytes = result.Bytes,
        copiedBytes = result.CopiedBytes,
        deletedVersions = result.Collected?.DeletedHeads,
        deletedObjects = result.Collected?.DeletedObjects,
        deletedBytes = result.Collected?.DeletedBytes,
    });

    private sealed class SyncTicks(IProgress<(long Done, long Total)> bar)
        : IProgress<SyncProgress>
    {
        public void Report(SyncProgress value) => bar.Report((value.Bytes, value.TotalBytes));
    }
}
