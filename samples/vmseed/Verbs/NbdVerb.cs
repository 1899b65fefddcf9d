using System.CommandLine;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using VMSeed.Blocks.Diagnostics;
using VMSeed.Blocks.Overlay;
using VMSeed.Nbd;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Exporting;
using VMSeed.Tool.Images;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Verbs;

/// <summary><c>vmseed nbd ADDRESS</c>: images as network block devices, until Ctrl-C.</summary>
/// <remarks>It stays in the foreground, like <c>mount</c>; its line "Serving …" tells when clients
/// can connect.</remarks>
internal sealed class NbdVerb : Verb
{
    private readonly ImageOptions _image = new();
    private readonly ExportAddress _address = new();
    private readonly MoreExports _more = new();
    private readonly ExportTls _tls = new();

    private readonly Option<bool> _writable = new("--writable", "-w")
    {
        Description = "Let clients change the images. They must be local files of a format "
            + "that is written in place.",
    };

    public NbdVerb()
        : base(
            "nbd",
            "Serves images as network block devices (NBD), until Ctrl-C; at the socket that "
            + "systemd passes, where it passes one.")
    {
        _image.AddReadingTo(this);
        _image.AddWrittenOverlayTo(this);
        _address.AddTo(this);
        _more.AddTo(this);
        _tls.AddTo(this);
        Add(_writable);
        Add(SharedOptions.Json);
    }

    protected override async Task<int> RunAsync(
        ParseResult line, CancellationToken cancellationToken)
    {
        using ILoggerFactory loggers = Loggers.Create(line);
        NbdServerOptions options = new() { Tls = _tls.Of(line) };
        using Socket? listening = TakePassed(line);
        await using OpenedExports images = new();
        images.Add(
            string.Empty,
            await OpenFirstAsync(line, loggers, cancellationToken));
        foreach ((string name, string address) in _more.Of(line))
        {
            images.Add(name, await OpenAsync(line, address, loggers, cancellationToken));
        }

        bool json = line.GetValue(SharedOptions.Json);
        await using (NbdServer server = Start(line, listening, images, options, loggers))
        {
            Announce(server, images, options, json ? Console.Error : Console.Out);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Tell(images, json);
        return ExitCode.Done;
    }

    private Socket? TakePassed(ParseResult line)
    {
        Socket? passed = PassedSocket.Take();
        if (passed is null || !_address.IsSaid(line)) { return passed; }

        passed.Dispose();
        throw new ToolException(
            ExitCode.Usage,
            "A listening socket was passed (LISTEN_FDS); --socket and --listen say another.");
    }

    private Task<OpenedImage> OpenFirstAsync(
        ParseResult line, ILoggerFactory loggers, CancellationToken cancellationToken) =>
        !_image.HasOverlay(line)
            ? OpenAsync(line, _image.AddressOf(line), loggers, cancellationToken)
        : line.GetValue(_writable)
            ? throw new ToolException(
                ExitCode.Usage,
                "--writable changes the image, --overlay leaves it as it is: say one of them.")
        : _image.OpenAsync(line, loggers, new OverlayOptions(), cancellationToken);

    private async Task<OpenedImage> OpenAsync(
        ParseResult line,
        string address,
        ILoggerFactory loggers,
        CancellationToken cancellationToken)
    {
        if (!line.GetValue(_writable))
        {
            return await _image.OpenAsync(
                line, address, loggers, parent: null, cancellationToken);
        }

        return new OpenedImage(
            await _image.OpenWritableAsync(line, address, parent: null, cancellationToken),
            Path.GetFileName(address));
    }

    private NbdServer Start(
        ParseResult line,
        Socket? listening,
        OpenedExports images,
        NbdServerOptions options,
        ILoggerFactory loggers)
    {
        try
        {
            NbdExport[] exports = [.. images.Select(image => image.Export)];
            ILogger logger = loggers.CreateLogger<NbdServer>();
            return listening is null
                ? NbdServer.Start(_address.Of(line), exports, options, logger)
                : NbdServer.Start(listening, exports, options, logger);
        }
        catch (ArgumentException fault)
        {
            throw new ToolException(ExitCode.Usage, fault.Message, fault);
        }
    }

    private static void Announce(
        NbdServer server, OpenedExports images, NbdServerOptions options, TextWriter output)
    {
        foreach (OpenedExport image in images)
        {
            string rights = image.Export.CanWrite ? "writable" : "read-only";
            output.WriteLine(
                $"Serving {image.Image.Title}, {ByteSize.Format(image.Export.Length)}, {rights}, "
                + $"at {server.AddressOf(image.Export.Name)}");
        }

        if (options.Tls is null)
        {
            NbdExport export = images.First().Export;
            string first = $"'{server.AddressOf(export.Name)}'";
            output.WriteLine($"  what is there:  nbdinfo {first}");
            output.WriteLine($"  a copy:         nbdcopy {first} disk.raw");
            output.WriteLine(
                $"  a guest:        qemu-system-x86_64 -drive file={first},format=raw,"
                + $"if=virtio{(export.CanWrite ? ",discard=unmap" : ",snapshot=on")}");
        }

        output.WriteLine("Ctrl-C ends it.");
        output.Flush();
    }

    private static void Tell(OpenedExports images, bool json)
    {
        foreach (OpenedExport export in images)
        {
            DiskStatistics? told = export.Image.Statistics?.Invoke();
            if (json)
            {
                Report.WriteJson(told is null ? new object() : told);
            }
            else if (told is { } statistics)
            {
                Console.Out.WriteLine($"{export.Image.Title}: {FetchReport.Of(statistics)}");
            }
        }

        if (!json) { Console.Out.WriteLine("Ended."); }
    }
}
