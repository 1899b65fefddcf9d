using System.CommandLine;
using Microsoft.Extensions.Logging;
using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;
using VMSeed.Tool.Keys;
using VMSeed.Tool.Mirrors;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.CommandLine;

/// <summary>What every verb that reads an image is told: where it is, whom to trust, where to
/// keep.</summary>
internal sealed class ReaderOptions
{
    private readonly Argument<string>? _address;

    private readonly Option<string?> _base = new("--base")
    {
        Description = "Where the base is, perhaps with its public key behind it as #RWQ…. "
            + "[default: where it was when the overlay was made]",
        HelpName = "ADDRESS",
    };

    private readonly Func<ParseResult, string>? _recorded;

    private readonly Option<string[]> _publicKeys = new("--public-key", "-p")
    {
        Description = "A key that may have signed: a .pub file, or its text RWQ…. Repeatable.",
        HelpName = "FILE|KEY",
    };

    private readonly Option<bool> _allowUnsigned = new("--allow-unsigned")
    {
        Description = "Read an image that no given key vouches for.",
    };

    private readonly CacheOptions _cache = new();

    private readonly Option<bool> _noCache = new("--no-cache")
    {
        Description = "Keep nothing on the local disk.",
    };

    private readonly Option<string?> _state = new("--state")
    {
        Description = "Where versions seen are remembered, against rollback, and how quick mirrors "
            + "were. "
            + $"[default: {DefaultFolders.State}]",
        HelpName = "DIR",
    };

    private readonly MirrorOptions _mirrors = new();

    private readonly Option<TimeSpan?> _timeout = Quantities.Time(
        "--timeout", "How long a read goes on trying before it fails. [default: 60s]");

    private readonly Option<bool> _noReadAhead = new("--no-read-ahead")
    {
        Description = "Fetch what is read, and nothing beyond.",
    };

    private readonly Option<bool> _verifyAlways = new("--verify-always")
    {
        Description = "Hash cached blocks at every read, not only at the first.",
    };

    public ReaderOptions(
        string description = "The image: https://host/images/NAME.vmseed, or a path to that file; "
            + "with its public key behind it as #RWQ…, it needs no --public-key.") =>
        _address = new Argument<string>("address") { Description = description };

    /// <summary>For verbs about something that remembers where its image is.</summary>
    /// <param name="recorded">What it remembers.</param>
    public ReaderOptions(Func<ParseResult, string> recorded) => _recorded = recorded;

    /// <summary>Adds the options to a verb.</summary>
    /// <param name="command">The verb.</param>
    /// <param name="withMirrors">False for the publisher's verb, whose mirrors are those of what it
    /// publishes.</param>
    public void AddTo(Command command, bool withMirrors = true)
    {
        if (_address is not null)
        {
            command.Add(_address);
        }
        else
        {
            command.Add(_base);
        }

        if (withMirrors)
        {
            _mirrors.AddTo(command);
        }

        command.Add(_publicKeys);
        command.Add(_allowUnsigned);
        _cache.AddTo(command);
        command.Add(_noCache);
        command.Add(_state);
        command.Add(_timeout);
        command.Add(_noReadAhead);
        command.Add(_verifyAlways);
    }

    /// <summary>Makes the client that the image is read through, with the mirrors behind
    /// it.</summary>
    /// <returns>Null for an image that is no published one on the web.</returns>
    public Task<MirrorClient?> ConnectAsync(
        ParseResult line, ILoggerFactory loggers, CancellationToken cancellationToken) =>
        ConnectAsync(line, AddressOf(line), loggers, cancellationToken);

    /// <summary>The same for one more image.</summary>
    public Task<MirrorClient?> ConnectAsync(
        ParseResult line,
        string address,
        ILoggerFactory loggers,
        CancellationToken cancellationToken) =>
        _mirrors.ConnectAsync(
            line,
            address,
            line.GetValue(_state) ?? DefaultFolders.State,
            loggers,
            cancellationToken);

    /// <summary>The mirrors that the user has named.</summary>
    public async Task<IReadOnlyList<Uri>> MirrorsOfAsync(
        ParseResult line, ImageAddress image, CancellationToken cancellationToken) =>
        [
            .. (await _mirrors.ReadAsync(line, image, cancellationToken))
                .Select(mirror => mirror.Address),
        ];

    public string AddressOf(ParseResult line) => _address is not null
        ? line.GetRequiredValue(_address)
        : line.GetValue(_base) ?? _recorded!(line);

    /// <summary>Whether the user has said whom to trust.</summary>
    public bool HasKey(ParseResult line) => HasKey(line, AddressOf(line));

    public LazyDiskOptions Build(ParseResult line, ILoggerFactory loggers) =>
        Build(line, AddressOf(line), loggers);

    /// <summary>The same for one more image.</summary>
    public LazyDiskOptions Build(ParseResult line, string address, ILoggerFactory loggers)
    {
        if (!HasKey(line, address) && !line.GetValue(_allowUnsigned))
        {
            throw new ToolException(
                ExitCode.Refused,
                $"no public key for {address}: give --public-key FILE, put #RWQ… behind "
                + "the address, or say --allow-unsigned.");
        }

        return BuildUnchecked(line, loggers);
    }

    /// <summary>For verbs that show what a head claims, and hand out none of its bytes: a key is
    /// used when there is one, and nothing is remembered when there is none.</summary>
    public LazyDiskOptions BuildForClaims(ParseResult line, ILoggerFactory loggers)
    {
        LazyDiskOptions options = BuildUnchecked(line, loggers);
        return HasKey(line)
            ? options
            : options with { AllowUnsigned = true, StateDirectory = null };
    }

    /// <summary>For a plain file of a web server, which nobody has signed.</summary>
    public HttpRangeOptions BuildForFiles(
        ParseResult line, string address, ILoggerFactory loggers)
    {
        _mirrors.RefuseFor(line, address);
        LazyDiskOptions options = BuildUnchecked(line, loggers);
        return new HttpRangeOptions
        {
            CacheDirectory = options.CacheDirectory,
            CacheOptions = options.CacheOptions,
            ReadDeadline = options.ReadDeadline,
            NoProgressTimeout = options.NoProgressTimeout,
            ReadAhead = options.ReadAhead,
            VerifyAlways = options.VerifyAlways,
            LoggerFactory = loggers,
        };
    }

    private bool HasKey(ParseResult line, string address) =>
        line.GetValue(_publicKeys) is { Length: > 0 }
        || address.Contains("#RW", StringComparison.Ordinal);

    private LazyDiskOptions BuildUnchecked(ParseResult line, ILoggerFactory loggers)
    {
        LazyDiskOptions defaults = new();
        TimeSpan timeout = line.GetValue(_timeout) ?? defaults.ReadDeadline;
        return defaults with
        {
            PublicKeys = [.. (line.GetValue(_publicKeys) ?? []).Select(KeyFiles.ReadPublic)],
            AllowUnsigned = line.GetValue(_allowUnsigned),
            CacheDirectory = line.GetValue(_noCache) ? null : _cache.FolderOf(line),
            CacheOptions = _cache.Build(line),
            StateDirectory = line.GetValue(_state) ?? defaults.StateDirectory,
            ReadDeadline = timeout,
            NoProgressTimeout =
                timeout < defaults.NoProgressTimeout ? timeout : defaults.NoProgressTimeout,
            ReadAhead = !line.GetValue(_noReadAhead),
            VerifyAlways = line.GetValue(_verifyAlways),
            LoggerFactory = loggers,
        };
    }
}
