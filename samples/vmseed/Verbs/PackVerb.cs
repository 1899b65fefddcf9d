using System.CommandLine;
using Microsoft.Extensions.Logging;
using VMSeed.Blocks;
using VMSeed.Blocks.Codecs;
using VMSeed.Blocks.Publishing;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Images;
using VMSeed.Tool.Keys;
using VMSeed.Tool.Output;
using VMSeed.Tool.Publishing;

namespace VMSeed.Tool.Verbs;

/// <summary><c>vmseed pack DISK --repo DIR</c>: a disk becomes the newest version of an
/// image.</summary>
internal sealed class PackVerb : Verb
{
    private readonly ImageOptions _image = new();

    private readonly RepositoryOptions _repository = new();

    private readonly SigningOptions _signing = new();

    private readonly Option<bool> _unsigned = new("--unsigned")
    {
        Description = "Publish without a signature; readers must then say --allow-unsigned.",
    };

    private readonly Option<long?> _blockSize = Quantities.Size(
        "--block-size", "Bytes of a block: a power of two, 4K to 1M. [default: 64K]");

    private readonly Option<FrameCodec?> _codec = new("--codec")
    {
        Description = "What compresses. [default: zstd]",
        HelpName = "zstd|deflate|none",
    };

    private readonly Option<int?> _level = new("--level")
    {
        Description = "How hard it tries: 1 to 22 for zstd, 1 to 9 for deflate. [default: 3]",
        HelpName = "N",
    };

    private readonly Option<int?> _workers = new("--workers")
    {
        Description = "Threads that compress. [default: one a processor]",
        HelpName = "N",
    };

    private readonly Option<Uri[]> _mirrors = new("--mirror")
    {
        Description = "The address of the root of an equal repository. Repeatable.",
        HelpName = "URL",
        CustomParser = result =>
        {
            List<Uri> mirrors = [];
            foreach (string text in result.Tokens.Select(token => token.Value))
            {
                if (Uri.TryCreate(text, UriKind.Absolute, out Uri? mirror))
                {
                    mirrors.Add(mirror);
                }
                else
                {
                    result.AddError($"'{text}' for --mirror is no address like https://host/.");
                }
            }

            return [.. mirrors];
        },
    };

    private readonly BootOptions _boot = new();

    private readonly Option<bool> _force = new("--force", "-f")
    {
        Description = "Make a new version even of what the newest one holds already.",
    };

    public PackVerb()
        : base("pack", "Publishes a disk as the newest version of an image. Run again, it goes on.")
    {
        _image.AddReadingTo(this, withMirrors: false);
        _repository.AddTo(this);
        _signing.AddTo(this);
        Add(_unsigned);
        Add(_blockSize);
        Add(_codec);
        Add(_level);
        Add(_workers);
        Add(_mirrors);
        _boot.AddTo(this);
        Add(_force);
        Add(SharedOptions.Quiet);
        Add(SharedOptions.Json);
    }

    protected override async Task<int> RunAsync(
        ParseResult line, CancellationToken cancellationToken)
    {
        string path = _image.AddressOf(line);
        if (!_signing.HasKeys(line) && !line.GetValue(_unsigned))
        {
            throw new ToolException(
                ExitCode.Usage,
                "no key: give --key FILE ('vmseed keygen' makes one), or say --unsigned.");
        }

        using ILoggerFactory loggers = Loggers.Create(line);
        await using OpenedImage image = await _image.OpenAsync(
            line, loggers, parent: null, cancellationToken);
        BlockDevice disk = image.Disk;
        using SigningKeys keys = await _signing.ReadAsync(line, cancellationToken);
        using BootFiles boot = await _boot.TakeAsync(line, image, cancellationToken);
        PublishOptions options = Build(line, path, keys, boot);
        long start = TimeProvider.System.GetTimestamp();
        PublishResult result = await ProgressBar.RunAsync(
            line.GetValue(SharedOptions.Quiet),
            $"Packing {options.Name}",
            disk.Length,
            progress => ImagePublisher.PublishAsync(
                disk, options, new PublishTicks(progress), cancellationToken));
        PackReport report = new(
            result, options, keys, TimeProvider.System.GetElapsedTime(start), boot);
        if (line.GetValue(SharedOptions.Json))
        {
            report.WriteJson();
        }
        else
        {
            report.WriteText(line.GetValue(SharedOptions.Quiet));
        }

        return ExitCode.Done;
    }

    // The last part of an address, without its query and its ending.
    private static string NameOf(string address) =>
        Path.GetFileNameWithoutExtension(address.Split('?', '#')[0]);

    private PublishOptions Build(
        ParseResult line, string disk, SigningKeys keys, BootFiles boot)
    {
        PublishOptions defaults = new()
        {
            RepositoryPath = _repository.FolderOf(line),
            Name = _repository.NameOf(line) ?? NameOf(disk),
        };
        return defaults with
        {
            Keys = keys.All,
            AllowUnsigned = line.GetValue(_unsigned),
            BlockSize = (int)Math.Min(
                line.GetValue(_blockSize) ?? defaults.BlockSize, int.MaxValue),
            Codec = line.GetValue(_codec) ?? defaults.Codec,
            Level = line.GetValue(_level) ?? defaults.Level,
            Workers = line.GetValue(_workers) ?? defaults.Workers,
            Expires = _signing.ExpiresOf(line),
            Mirrors = line.GetValue(_mirrors) ?? [],
            BootFiles = boot.Files,
            BootRoot = boot.Root,
            BootArguments = boot.Arguments,
            Force = line.GetValue(_force),
        };
    }
}
