using System.CommandLine;
using Microsoft.Extensions.Logging;
using VMSeed.Blocks;
using VMSeed.Disks.Converting;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Copying;
using VMSeed.Tool.Images;
using VMSeed.Tool.Output;
using VMSeed.Tool.Overlays;

namespace VMSeed.Tool.Verbs;

/// <summary><c>vmseed read ADDRESS</c>: verified bytes of an image to a pipe, a file or a
/// disk.</summary>
internal sealed class ReadVerb : Verb
{
    private const string Pipe = "-";

    private readonly ImageOptions _image = new();

    private readonly Option<long?> _offset = Quantities.Size(
        "--offset", "Where to begin. [default: 0]");

    private readonly Option<long?> _length = Quantities.Size(
        "--length", "How far to read. [default: to the end]");

    private readonly Option<string?> _output = new("--output", "-o")
    {
        Description = "A sparse file to make, or a disk to write onto; - is the standard output.",
        HelpName = "FILE",
    };

    public ReadVerb()
        : base("read", "Reads a range of an image, or all of it, to the standard output or a file.")
    {
        _image.AddReadingTo(this);
        _image.AddOverlayTo(this);
        Add(_offset);
        Add(_length);
        Add(_output);
        Add(SharedOptions.Force);
        Add(SharedOptions.Quiet);
    }

    protected override async Task<int> RunAsync(
        ParseResult line, CancellationToken cancellationToken)
    {
        string? output = line.GetValue(_output);
        if (output is null && !Console.IsOutputRedirected)
        {
            throw new ToolException(
                ExitCode.Usage,
                "the bytes would go to the terminal: send them to a pipe, or say -o FILE.");
        }

        using ILoggerFactory loggers = Loggers.Create(line);
        await using OpenedImage image = await _image.OpenAsync(
            line, loggers, OverlayUse.Reading, cancellationToken);
        BlockDevice disk = image.Disk;
        long offset = line.GetValue(_offset) ?? 0;
        long length = line.GetValue(_length) ?? Math.Max(0, disk.Length - offset);
        if (offset > disk.Length || length > disk.Length - offset)
        {
            throw new ToolException(
                ExitCode.Usage,
                $"the range from {offset} of {length} bytes goes past the end of the image, "
                + $"which has {disk.Length} bytes.");
        }

        await using CopyTarget target = output is null or Pipe
            ? new PipeTarget()
            : FileTarget.Open(output, length, line.GetValue(SharedOptions.Force));
        _ = await ProgressBar.RunAsync(
            line.GetValue(SharedOptions.Quiet),
            "Reading",
            length,
            async progress =>
            {
                await target.FillAsync(
                    disk,
                    new DiskCopyOptions { Offset = offset, Length = length },
                    new CopyTicks(progress),
                    cancellationToken);
                return true;
            });
        return ExitCode.Done;
    }
}
