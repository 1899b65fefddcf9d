using System.CommandLine;
using Microsoft.Extensions.Logging;
using VMSeed.Disks;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Copying;
using VMSeed.Tool.Images;
using VMSeed.Tool.Output;
using VMSeed.Tool.Overlays;

namespace VMSeed.Tool.Verbs;

/// <summary><c>vmseed convert IN OUT</c>: any image into a new one of any format.</summary>
internal sealed class ConvertVerb : Verb
{
    private const string Pipe = "-";

    private readonly ImageOptions _image = new();

    private readonly Argument<string> _output = new("output")
    {
        Description = "The file to make; - is the standard output, for raw images and VMDKs of "
            + "the shape streamOptimized.",
    };

    private readonly CreationOptions _creation = new();

    private readonly Option<long?> _size = Quantities.Size(
        "--size", "A larger disk; the rest is zeros. [default: the image's own size]");

    private readonly Option<bool> _compress = new("--compress", "-c")
    {
        Description = "Compress, for qcow2 and vmdk.",
    };

    private readonly Option<string?> _tar = new("--tar")
    {
        Description = "Write a sparse tar archive that holds the raw disk under this name, as "
            + "'tar --sparse' does.",
        HelpName = "NAME",
    };

    public ConvertVerb()
        : base("convert", "Writes an image of any format, local or not, as one of any format.")
    {
        _image.AddReadingTo(this);
        _image.AddOverlayTo(this);
        Add(_output);
        _creation.AddTo(this);
        Add(_size);
        Add(_compress);
        Add(_tar);
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
        await using VirtualDisk? parent = await _creation.OpenParentAsync(
            line, _image.FilesOf(line, output), cancellationToken);
        long length = line.GetValue(_size) ?? image.Disk.Length;
        VirtualDiskCreateOptions options = line.GetValue(_tar) is null
            ? Shape(_creation.Build(line, output, length, parent), line)
            : new VirtualDiskCreateOptions { Format = DiskFormat.Raw, Length = length };
        long start = TimeProvider.System.GetTimestamp();
        await ProgressBar.RunAsync(
            line.GetValue(SharedOptions.Quiet),
            "Converting",
            image.Disk.Length,
            async bar =>
            {
                await WriteAsync(
                    line, image, output, options, new CopyTicks(bar), cancellationToken);
                return true;
            });
        Tell(line, image, output, options, TimeProvider.System.GetElapsedTime(start));
        return ExitCode.Done;
    }

    private VirtualDiskCreateOptions Shape(VirtualDiskCreateOptions options, ParseResult line) =>
        !line.GetValue(_compress)
            ? options
            : options with
            {
                Compress = true,
                Variant = options.Variant
                    ?? (options.Format == DiskFormat.Vmdk ? "streamOptimized" : null),
            };

    private async Task WriteAsync(
        ParseResult line,
        OpenedImage image,
        string output,
        VirtualDiskCreateOptions options,
        CopyTicks ticks,
        CancellationToken cancellationToken)
    {
        if (line.GetValue(_tar) is { } name)
        {
            await TarOutput.WriteAsync(
                image.Disk,
                name,
                output,
                line.GetValue(SharedOptions.Force),
                ticks,
                cancellationToken);
            return;
        }

        if (output == Pipe)
        {
            await using StandardOutput pipe = new();
            await DiskConverter.ConvertToStreamAsync(
                image.Disk, pipe, options, ticks, cancellationToken);
            return;
        }

        // The image may be the very file that is replaced: it is open, and goes on being read.
        using ReplacedFile old = ReplacedFile.Take(output, line.GetValue(SharedOptions.Force));
        await DiskConverter.ConvertFileAsync(
            image.Disk, output, options, ticks, cancellationToken);
        old.Drop();
    }

    private static void Tell(
        ParseResult line,
        OpenedImage image,
        string output,
        VirtualDiskCreateOptions options,
        TimeSpan elapsed)
    {
        if (line.GetValue(SharedOptions.Json) && output != Pipe)
        {
            Report.WriteJson(new
            {
                output,
                format = FormatNames.Of(options.Format),
                length = options.Length,
                fileLength = FileUse.LengthOf(output),
                seconds = elapsed.TotalSeconds,
            });
        }
        else if (!line.GetValue(SharedOptions.Quiet) && output != Pipe)
        {
            Console.Out.WriteLine(
                $"{output}: {ByteSize.Format(options.Length)} of {image.Title} as "
                + $"{FormatNames.Of(options.Format)}, "
                + $"{(Directory.Exists(output) ? "a folder" : "a file")} of "
                + $"{ByteSize.Format(FileUse.LengthOf(output))}.");
        }
    }
}
