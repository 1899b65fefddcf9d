using System.CommandLine;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using VMSeed.Blocks.Overlay;
using VMSeed.Nbd;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Images;
using VMSeed.Tool.Output;
using VMSeed.Tool.Overlays;
using VMSeed.Tool.Running;
using VMSeed.Tool.Running.Acceleration;
using VMSeed.Tool.Running.Machines;

namespace VMSeed.Tool.Verbs;

/// <summary><c>vmseed run ADDRESS</c>: a guest whose disk is the image, until it powers
/// off.</summary>
/// <remarks>The standard output is the guest's: what the tool itself says goes to the standard
/// error.</remarks>
internal sealed class RunVerb : Verb
{
    private const string DiskSocket = "disk.sock";
    private const string MonitorSocket = "monitor.sock";

    private readonly ImageOptions _image = new();
    private readonly OverlayChoice _overlay = new();
    private readonly MachineOptions _machine = new();

    private readonly Option<Accelerator> _accelerator = new("--accel")
    {
        Description = "What runs the guest: kvm; tcg, which emulates it; or auto, which is kvm "
            + "where a trial shows that it works.",
    };

    private readonly Option<string> _program = new("--qemu")
    {
        Description = "The program of QEMU.",
        HelpName = "PROGRAM",
        DefaultValueFactory = _ => QemuProgram.Default,
    };

    private readonly Option<string?> _record = new("--record")
    {
        Description = "Write down what the guest read of the image, in the order of first reads.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _dryRun = new("--dry-run")
    {
        Description = "Print QEMU's command line, and start nothing.",
    };

    public RunVerb()
        : base("run", "Runs a virtual machine from an image (QEMU); changes go to an overlay.")
    {
        _image.AddReadingTo(this);
        _overlay.AddTo(this);
        _machine.AddTo(this);
        Add(_accelerator);
        Add(_program);
        Add(_record);
        Add(_dryRun);
    }

    protected override async Task<int> RunAsync(
        ParseResult line, CancellationToken cancellationToken)
    {
        string qemu = QemuProgram.Require(line.GetRequiredValue(_program));
        GuestMachine machine = _machine.Of(line);
        AcceleratorChoice accelerator = await AcceleratorChoice.MakeAsync(
            line.GetValue(_accelerator), qemu, cancellationToken);
        using PrivateFolder folder = new();
        IReadOnlyList<string> arguments = QemuArguments.Of(
            machine, accelerator.UseKvm, folder[DiskSocket], folder[MonitorSocket]);
        if (line.GetValue(_dryRun))
        {
            Console.Out.WriteLine(QemuArguments.Quote([qemu, .. arguments]));
            return ExitCode.Done;
        }

        using ILoggerFactory loggers = Loggers.Create(line);
        string overlay = _overlay.FileOf(line, _image, folder);
        await using OpenedImage image = await _image.OpenAsync(
            line,
            loggers,
            await OverlayUse.FindHeadAsync(overlay, cancellationToken),
            cancellationToken);
        TouchLog? log = line.GetValue(_record) is null ? null : new(image.Disk.Length);
        int code;
        await using (GuestDisk disk = await GuestDisk.OpenAsync(
            image, overlay, log, cancellationToken))
        {
            Announce(image, accelerator, _overlay.IsKept(line) ? overlay : null);
            await using NbdServer server = NbdServer.Start(
                new UnixDomainSocketEndPoint(folder[DiskSocket]),
                [new BlockDeviceExport(string.Empty, disk.Disk, image.Title)],
                new NbdServerOptions(),
                loggers.CreateLogger<NbdServer>());
            code = await GuestRun.ToEndAsync(
                qemu, arguments, folder[MonitorSocket], () => disk.Fault);
        }

        if (line.GetValue(_record) is { } record)
        {
            await log!.WriteAsync(record, $"{image.Title}, {image.Disk.Length} bytes");
        }

        await TellAsync(image, code, overlay, _overlay.IsKept(line));
        return code;
    }

    private static void Announce(OpenedImage image, AcceleratorChoice accelerator, string? overlay)
    {
        ErrorReport.WriteLine(
            $"running {image.Title}, {ByteSize.Format(image.Disk.Length)}, with {accelerator}.");
        ErrorReport.WriteLine(overlay is null
            ? "changes are forgotten at the end."
            : $"changes are kept in {overlay}.");
        ErrorReport.WriteLine(
            "Ctrl-C asks the guest to power down; a second one ends it at once.");
    }

    private static async Task TellAsync(OpenedImage image, int code, string overlay, bool isKept)
    {
        string ended = code == 0 ? "the guest has ended" : $"QEMU has ended with exit code {code}";
        if (image.Statistics?.Invoke() is { } statistics)
        {
            ErrorReport.WriteLine($"{ended}. {FetchReport.Of(statistics)}");
        }
        else
        {
            ErrorReport.WriteLine($"{ended}.");
        }

        OverlayInfo changes = await OverlayDisk.ReadInfoAsync(overlay);
        ErrorReport.WriteLine(
            $"the guest changed {ByteSize.Format(changes.DataLength)} of its disk, and emptied "
            + $"{ByteSize.Format(changes.ZeroLength)}"
            + (isKept ? "." : "; that is forgotten."));
    }
}
