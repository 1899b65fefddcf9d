using System.CommandLine;
using Microsoft.Extensions.Logging;
using VMSeed.Blocks;
using VMSeed.Blocks.Overlay;
using VMSeed.Blocks.Publishing;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Images;
using VMSeed.Tool.Keys;
using VMSeed.Tool.Output;
using VMSeed.Tool.Overlays;
using VMSeed.Tool.Publishing;

namespace VMSeed.Tool.Verbs.Overlays;

/// <summary><c>vmseed overlay commit FILE --repo DIR</c>: base and overlay become the next version
/// of the image.</summary>
internal sealed class OverlayCommitVerb : Verb
{
    private readonly OverlayUse _overlay = new();

    private readonly ImageOptions _image;

    private readonly Option<string> _repository = new("--repo", "-r")
    {
        Description = "The repository's folder, which has the version that the overlay lies over.",
        HelpName = "DIR",
        Required = true,
    };

    private readonly SigningOptions _signing = new();

    private readonly Option<bool> _unsigned = new("--unsigned")
    {
        Description = "Publish without a signature; readers must then say --allow-unsigned.",
    };

    private readonly Option<bool> _discard = new("--discard")
    {
        Description = "Delete the overlay once the version is published.",
    };

    public OverlayCommitVerb()
        : base(
            "commit",
            "Publishes an image with its overlay as the image's next version; only blocks that "
            + "were changed are read and stored.")
    {
        _image = ImageOptions.Under(_overlay);
        _overlay.AddArgumentTo(this);
        _image.AddTo(this);
        Add(_repository);
        _signing.AddTo(this);
        Add(_unsigned);
        Add(_discard);
        Add(SharedOptions.Quiet);
        Add(SharedOptions.Json);
    }

    protected override async Task<int> RunAsync(
        ParseResult line, CancellationToken cancellationToken)
    {
        if (!_signing.HasKeys(line) && !line.GetValue(_unsigned))
        {
            throw new ToolException(
                ExitCode.Usage,
                "no key: give --key FILE ('vmseed keygen' makes one), or say --unsigned.");
        }

        using ILoggerFactory loggers = Loggers.Create(line);
        await using OpenedImage image = await _image.OpenAsync(
            line, loggers, OverlayUse.Reading, cancellationToken);
        if (image.Base?.Disk is not LazyDisk published)
        {
            throw new ToolException(
                ExitCode.Usage,
                $"{_overlay.PathOf(line)} lies over no published image; 'vmseed pack' publishes "
                + "disks, 'vmseed overlay export' makes one of it.");
        }

        using SigningKeys keys = await _signing.ReadAsync(line, cancellationToken);
        PublishOptions options =
            PublishOptions.After(published.Head, Path.GetFullPath(line.GetValue(_repository)!)) with
            {
                Keys = keys.All,
                AllowUnsigned = line.GetValue(_unsigned),
                Expires = _signing.ExpiresOf(line),
            };
        long start = TimeProvider.System.GetTimestamp();
        PublishResult result = await ProgressBar.RunAsync(
            line.GetValue(SharedOptions.Quiet),
            $"Committing to {options.Name}",
            image.Disk.Length,
            bar => ImagePublisher.PublishAsync(
                image.Disk, options, new PublishTicks(bar), cancellationToken));
        Tell(line, new PackReport(
            result, options, keys, TimeProvider.System.GetElapsedTime(start)));
        if (line.GetValue(_discard))
        {
            await image.Disk.DisposeAsync();
            OverlayDisk.Delete(_overlay.PathOf(line)!);
        }

        return ExitCode.Done;
    }

    private static void Tell(ParseResult line, PackReport report)
    {
        if (line.GetValue(SharedOptions.Json))
        {
            report.WriteJson();
        }
        else
        {
            report.WriteText(line.GetValue(SharedOptions.Quiet));
        }
    }
}
