using System.CommandLine;
using Microsoft.Extensions.Logging;
using VMSeed.Blocks.Diagnostics;
using VMSeed.Blocks.Overlay;
using VMSeed.Fuse;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Images;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Verbs;

/// <summary><c>vmseed mount ADDRESS FOLDER</c>: the image as the file <c>disk.raw</c>, until
/// Ctrl-C.</summary>
/// <remarks>It stays in the foreground: shells and service managers know how to put it
/// elsewhere, and its line "Mounted …" tells them when.</remarks>
internal sealed class MountVerb : Verb
{
    private const string FileName = "disk.raw";

    private readonly ImageOptions _image = new();

    private readonly Argument<string> _folder = new("folder")
    {
        Description = "An existing folder, where the file disk.raw appears.",
    };

    private readonly Option<bool> _allowOther = new("--allow-other")
    {
        Description = "Let other users read it too.",
    };

    public MountVerb()
        : base(
            "mount",
            "Mounts an image as one file, disk.raw (FUSE), until Ctrl-C. Beside it the hidden "
            + "file .stats tells what has been fetched.")
    {
        _image.AddReadingTo(this);
        _image.AddWrittenOverlayTo(this);
        Add(_folder);
        Add(_allowOther);
        Add(SharedOptions.Json);
    }

    protected override async Task<int> RunAsync(
        ParseResult line, CancellationToken cancellationToken)
    {
        using ILoggerFactory loggers = Loggers.Create(line);
        await using OpenedImage image = await _image.OpenAsync(
            line, loggers, new OverlayOptions(), cancellationToken);
        FuseMountOptions options = new() { AllowOther = line.GetValue(_allowOther) };
        bool json = line.GetValue(SharedOptions.Json);
        await using (FuseMount mount = await FuseMount.MountAsync(
            line.GetRequiredValue(_folder),
            [new BlockDeviceFile(FileName, image.Disk), new StatisticsFile(image)],
            options,
            loggers.CreateLogger<FuseMount>(),
            cancellationToken))
        {
            Announce(image, mount.MountPoint, json ? Console.Error : Console.Out);
            await mount.Completion.WaitAsync(cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Tell(image.Statistics?.Invoke(), json);
        return ExitCode.Done;
    }

    private static void Announce(OpenedImage image, string folder, TextWriter output)
    {
        string file = Path.Join(folder, FileName);
        output.WriteLine(
            $"Mounted {image.Title}, {ByteSize.Format(image.Disk.Length)}, as {file}.");
        bool isWritable = image.Disk.CanWrite;
        output.WriteLine(
            $"  a file system:  mount -o loop{(isWritable ? "" : ",ro")} {file} FOLDER");
        output.WriteLine(
            "  partitions:     losetup --find --show --partscan "
            + $"{(isWritable ? "" : "--read-only ")}{file}");
        output.WriteLine("Ctrl-C unmounts.");
        output.Flush();
    }

    private static void Tell(DiskStatistics? told, bool json)
    {
        if (json)
        {
            Report.WriteJson(told is null ? new object() : told);
            return;
        }

        Console.Out.WriteLine(
            told is { } statistics ? $"Unmounted. {FetchReport.Of(statistics)}" : "Unmounted.");
    }
}
