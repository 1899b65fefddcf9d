using System.CommandLine;
using Microsoft.Extensions.Logging;
using VMSeed.Blocks.Overlay;
using VMSeed.Disks;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Copying;
using VMSeed.Tool.Images;
using VMSeed.Tool.Output;
using VMSeed.Tool.Overlays;

namespace VMSeed.Tool.Verbs.Overlays;

/// <summary><c>vmseed overlay export FILE OUT</c>: the disk with its changes as an image of any
/// format, or the changes alone over an image of the base.</summary>
internal sealed class OverlayExportVerb : Verb
{
    private readonly OverlayUse _overlay = new();

    private readonly ImageOptions _image;

    private readonly Argument<string> _output = new("output")
    {
        Description = "The file to make. With --parent, an image of the base, it holds the "
            + "changes alone.",
    };

    private readonly CreationOptions _creation = new();

    public OverlayExportVerb()
        : base(
            "export",
            "Writes the disk as an image of any format; with --parent, what was changed alone, "
            + "over an image of the base.")
    {
        _image = ImageOptions.Under(_overlay);
        _overlay.AddArgumentTo(this);
        Add(_output);
        _image.AddTo(this);
        _creation.AddTo(this);
        Add(SharedOptions.Force);
        Add(SharedOptions.Quiet);
        Add(SharedOptions.Json);
    }

    protected override async Task<int> RunAsync(
        ParseResult line, CancellationToken cancellationToken)
    {
        string output = line.GetRequiredValue(_output);
        using ILoggerFactory loggers = Loggers.Create(line);
        await using OpenedImage image = await _image.OpenAsync(
            line, loggers, OverlayUse.Reading, cancellationToken);
        OverlayDisk disk = (OverlayDisk)image.Disk;
        await using VirtualDisk? parent = await _creation.OpenParentAsync(
            line, _image.FilesOf(line, output), cancellationToken);
        VirtualDiskCreateOptions options =
            _creation.Build(line, output, disk.Length, parent);
        using ReplacedFile old = ReplacedFile.Take(output, line.GetValue(SharedOptions.Force));
        await ProgressBar.RunAsync(
            line.GetValue(SharedOptions.Quiet),
            "Exporting",
            disk.Length,
            async bar =>
            {
                await (parent is null
                    ? DiskConverter.ConvertFileAsync(
                        disk, output, options, new CopyTicks(bar), cancellationToken)
                    : DiskConverter.ConvertChangesAsync(
                        disk, output, options, new CopyTicks(bar), cancellationToken));
                return true;
            });
        old.Drop();
        Tell(line, output, options);
        return ExitCode.Done;
    }

    private static void Tell(ParseResult line, string output, VirtualDiskCreateOptions options)
    {
        long length = FileUse.LengthOf(output);
        if (line.GetValue(SharedOptions.Json))
        {
            Report.WriteJson(new
            {
                output,
                format = FormatNames.Of(options.Format),
                length = options.Length,
                parentName = options.ParentName,
                fileLength = length,
            });
        }
        else if (!line.GetValue(SharedOptions.Quiet))
        {
            Console.Out.WriteLine(
                $"{output}: {ByteSize.Format(options.Length)} as {FormatNames.Of(options.Format)}"
                + (options.ParentName is { } parent ? $" over {parent}" : "")
                + $", a file of {ByteSize.Format(length)}.");
        }
    }
}
