using System.CommandLine;
using Microsoft.Extensions.Logging;
using VMSeed.Blocks.Devices;
using VMSeed.Disks;
using VMSeed.Disks.Drivers;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Images;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Verbs.Disks;

/// <summary><c>vmseed disk check IMAGE</c>: every structure of an image against every
/// other.</summary>
/// <remarks>Errors that remain exit as corrupt; leaks that remain, which only waste space, as
/// another failure.</remarks>
internal sealed class DiskCheckVerb : Verb
{
    private readonly ImageOptions _image = new();

    private readonly Option<bool> _repair = new("--repair")
    {
        Description = "Mend what can be mended without a loss.",
    };

    public DiskCheckVerb()
        : base("check", "Checks an image's structures, without its parents.")
    {
        _image.AddReadingTo(this);
        Add(_repair);
        Add(SharedOptions.Quiet);
        Add(SharedOptions.Json);
    }

    protected override async Task<int> RunAsync(
        ParseResult line, CancellationToken cancellationToken)
    {
        bool repair = line.GetValue(_repair);
        await using MemoryBlockDevice nothing = new(0);
        using ILoggerFactory loggers = Loggers.Create(line);
        await using OpenedImage image = repair
            ? new OpenedImage(
                await _image.OpenWritableAsync(line, nothing, cancellationToken),
                _image.AddressOf(line))
            : await _image.OpenAsync(line, loggers, nothing, cancellationToken);
        if (image.Disk is not VirtualDisk disk)
        {
            throw new ToolException(
                ExitCode.Usage, $"{image.Title} is published: 'vmseed verify' checks it.");
        }

        CheckReport report = await disk.CheckAsync(
            repair, progress: null, cancellationToken);
        Tell(line, report);
        return report switch
        {
            { IsClean: true } => ExitCode.Done,
            { ErrorCount: > 0 } => ExitCode.Corrupt,
            _ => ExitCode.Other,
        };
    }

    private static void Tell(ParseResult line, CheckReport report)
    {
        if (line.GetValue(SharedOptions.Json))
        {
            Report.WriteJson(report);
            return;
        }

        foreach (string error in report.Errors)
        {
            Console.Out.WriteLine($"Error: {error}");
        }

        foreach (string leak in report.Leaks)
        {
            Console.Out.WriteLine($"Leak: {leak}");
        }

        if (!line.GetValue(SharedOptions.Quiet))
        {
            Console.Out.WriteLine(
                $"{report.ErrorCount} errors, {report.LeakCount} leaks, {report.RepairedCount} "
                + $"repaired; {ByteSize.Format(report.AllocatedBytes)} of the disk are in the "
                + "image.");
        }
    }
}
