using System.CommandLine;
using Microsoft.Extensions.Logging;
using VMSeed.Blocks;
using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Overlay;
using VMSeed.Disks;
using VMSeed.Disks.Access;
using VMSeed.Disks.Drivers;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Mirrors;
using VMSeed.Tool.Output;
using VMSeed.Tool.Overlays;

namespace VMSeed.Tool.Images;

// What a verb is given is told apart by its content: a published head begins as heads do, whatever
// it is called; all else is an image of some format, raw at last. Only an address that carries a
// public key, or ends as heads' addresses do, is taken for a head unseen: that saves a request.

/// <summary>The image that a verb reads: published, a local file, or a file of a web
/// server.</summary>
internal sealed class ImageOptions
{
    private readonly ReaderOptions _reader;

    private readonly OverlayUse _overlay;

    private readonly Option<DiskFormat?> _format = FormatNames.Option(
        "--input-format",
        "What the image is. Say raw for raw disks of strangers. [default: its content tells]");

    private readonly Option<string[]> _allowed = new("--allow-files")
    {
        Description = "A folder whose files the image may open too, as parents and extents, "
            + "besides its own. Repeatable.",
        HelpName = "DIR",
    };

    private readonly Option<VhdSizeRule> _vhdSize = VhdSizeNames.Option();

    private readonly Option<string?> _snapshot = new("--snapshot")
    {
        Description = "A snapshot within the image, in place of the disk as it is now: its ID, "
            + "or else its name. For qcow2; 'disk info' lists them.",
        HelpName = "NAME",
    };

    /// <summary>An image that is the verb's first argument.</summary>
    public ImageOptions()
        : this(
            new ReaderOptions(
                "The image: the address of a published one (https://host/images/NAME.vmseed, or a "
                + "path; with its public key behind it as #RWQ…, it needs no --public-key), or a "
                + "disk image of any format: a path, or an http or https address."),
            new OverlayUse())
    {
    }

    private ImageOptions(ReaderOptions reader, OverlayUse overlay) =>
        (_reader, _overlay) = (reader, overlay);

    /// <summary>The image that an overlay lies over, which is the verb's first argument.</summary>
    public static ImageOptions Under(OverlayUse overlay) =>
        new(new ReaderOptions(overlay.AddressOf), overlay);

    /// <summary>Adds what every verb has that is given an image.</summary>
    public void AddTo(Command command, bool withMirrors = true)
    {
        _reader.AddTo(command, withMirrors);
        command.Add(_format);
        command.Add(_allowed);
        command.Add(_vhdSize);
    }

    /// <summary>Adds what verbs have that read one.</summary>
    public void AddReadingTo(Command command, bool withMirrors = true)
    {
        AddTo(command, withMirrors);
        command.Add(_snapshot);
    }

    /// <summary>Adds what verbs have that may read through an overlay.</summary>
    public void AddOverlayTo(Command command) => _overlay.AddOptionTo(
        command, "What was written over the image: read with it, and not changed.");

    /// <summary>Adds what verbs have that write to an overlay.</summary>
    public void AddWrittenOverlayTo(Command command) => _overlay.AddOptionTo(
        command,
        "Makes the disk writable: what is written goes to this file, which is made where it does "
        + "not exist, and the image stays as it is.");

    public bool HasOverlay(ParseResult line) => _overlay.PathOf(line) is not null;

    public string AddressOf(ParseResult line) => _reader.AddressOf(line);

    public string? SnapshotOf(ParseResult line) => line.GetValue(_snapshot);

    /// <summary>Opens the image with its overlay over it, where one was named.</summary>
    public async Task<OpenedImage> OpenAsync(
        ParseResult line,
        ILoggerFactory loggers,
        OverlayOptions overlay,
        CancellationToken cancellationToken) =>
        await _overlay.PutOverAsync(
            line,
            await OpenAsync(
                line,
                loggers,
                await _overlay.FindHeadAsync(line, cancellationToken),
                cancellationToken),
            overlay,
            cancellationToken);

    /// <summary>Opens the image to be read.</summary>
    /// <param name="line">The command line.</param>
    /// <param name="loggers">Where log lines go.</param>
    /// <param name="parent">What lies below a differencing image, in place of its own parent; null
    /// for its own.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    public Task<OpenedImage> OpenAsync(
        ParseResult line,
        ILoggerFactory loggers,
        BlockDevice? parent,
        CancellationToken cancellationToken) =>
        OpenAsync(line, AddressOf(line), loggers, parent, cancellationToken);

    /// <summary>Opens one more image, with the same options.</summary>
    public async Task<OpenedImage> OpenAsync(
        ParseResult line,
        string address,
        ILoggerFactory loggers,
        BlockDevice? parent,
        CancellationToken cancellationToken)
    {
        VirtualDiskOptions options = new()
        {
            Format = line.GetValue(_format),
            Parent = parent,
            Snapshot = line.GetValue(_snapshot),
            VhdSize = line.GetValue(_vhdSize),
        };
        if (options.Format is null && HeadMark.IsIn(address))
        {
            return await OpenPublishedAsync(line, address, loggers, cancellationToken);
        }

        return IsWeb(address)
            ? await OpenWebAsync(line, address, loggers, options, cancellationToken)
            : await OpenLocalAsync(line, address, loggers, options, cancellationToken);
    }

    /// <summary>Opens the very version of the image that an overlay was made over.</summary>
    /// <param name="line">The command line.</param>
    /// <param name="loggers">Where log lines go.</param>
    /// <param name="signedHead">The version's head; empty for the image as it is now.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    public Task<OpenedImage> OpenAsync(
        ParseResult line,
        ILoggerFactory loggers,
        ReadOnlyMemory<byte> signedHead,
        CancellationToken cancellationToken) => signedHead.IsEmpty
            ? OpenAsync(line, loggers, parent: null, cancellationToken)
            : OpenPublishedAsync(
                line, AddressOf(line), loggers, cancellationToken, signedHead);

    /// <summary>Opens a local image to be changed.</summary>
    public Task<VirtualDisk> OpenWritableAsync(
        ParseResult line, BlockDevice? parent, CancellationToken cancellationToken) =>
        OpenWritableAsync(line, AddressOf(line), parent, cancellationToken);

    /// <summary>Opens one more local image to be changed, with the same options.</summary>
    public async Task<VirtualDisk> OpenWritableAsync(
        ParseResult line, string path, BlockDevice? parent, CancellationToken cancellationToken)
    {
        if (IsWeb(path))
        {
            throw new ToolException(
                ExitCode.Usage, $"{path} is on a web server; only local files are changed.");
        }

        return await VirtualDisk.OpenFileAsync(
            path,
            new VirtualDiskOptions
            {
                Format = line.GetValue(_format),
                CanWrite = true,
                Snapshot = line.GetValue(_snapshot),
                VhdSize = line.GetValue(_vhdSize),
                Files = FilesOf(line, path),
                Parent = parent,
            },
            cancellationToken);
    }

    /// <summary>What a local image may open.</summary>
    /// <remarks>What lies beside it; of a bundle, which is a folder, what lies in it.</remarks>
    public FolderFiles FilesOf(ParseResult line, string path) => new(
        Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!,
        line.GetValue(_allowed) ?? []);

    private static bool IsWeb(string address) =>
        address.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
        || address.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    private async Task<OpenedImage> OpenPublishedAsync(
        ParseResult line,
        string address,
        ILoggerFactory loggers,
        CancellationToken cancellationToken,
        ReadOnlyMemory<byte> signedHead = default)
    {
        if (line.GetValue(_snapshot) is { } snapshot)
        {
            throw new ToolException(
                ExitCode.Usage,
                $"a published image has versions, and no snapshot '{snapshot}'.");
        }

        LazyDiskOptions options = _reader.Build(line, address, loggers);
        MirrorClient? client = await _reader.ConnectAsync(
            line, address, loggers, cancellationToken);
        try
        {
            LazyDisk disk = await LazyDisk.OpenAsync(
                address,
                options with
                {
                    HttpClient = client?.Http,
                    SignedHead = signedHead,
                },
                cancellationToken);
            return new OpenedImage(disk, $"{disk.Head.Name} version {disk.Head.Version}")
            {
                Statistics = () => disk.Statistics,
                Client = client,
            };
        }
        catch
        {
            client?.Dispose();
            throw;
        }
    }

    private async Task<OpenedImage> OpenWebAsync(
        ParseResult line,
        string address,
        ILoggerFactory loggers,
        VirtualDiskOptions options,
        CancellationToken cancellationToken)
    {
        HttpRangeDevice file = await HttpRangeDevice.OpenAsync(
            address, _reader.BuildForFiles(line, address, loggers), cancellationToken);
        try
        {
            if (options.Format is null && await HeadMark.IsAtAsync(file, cancellationToken))
            {
                await file.DisposeAsync();
                return await OpenPublishedAsync(line, address, loggers, cancellationToken);
            }

            BlockDevice content = options.Format is null
                ? await UnwrapAsync(file, cancellationToken)
                : file;
            VirtualDisk disk = await VirtualDisk.OpenAsync(
                content, options with { Files = new UrlFiles(file) }, cancellationToken);
            return new OpenedImage(disk, $"{file} ({FormatNames.Of(disk.Info.Format)})")
            {
                Statistics = () => file.Statistics,
            };
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    private async Task<OpenedImage> OpenLocalAsync(
        ParseResult line,
        string path,
        ILoggerFactory loggers,
        VirtualDiskOptions options,
        CancellationToken cancellationToken)
    {
        options = options with { Files = FilesOf(line, path) };
        if (options.Format is null && File.Exists(path))
        {
            await using FileBlockDevice file =
                FileBlockDevice.Open(path, share: FileShare.ReadWrite);
            if (await HeadMark.IsAtAsync(file, cancellationToken))
            {
                return await OpenPublishedAsync(line, path, loggers, cancellationToken);
            }

            if (await SparseTar.IsTarAsync(file, cancellationToken))
            {
                return await OpenArchiveAsync(path, options, cancellationToken);
            }
        }

        return Local(await VirtualDisk.OpenFileAsync(path, options, cancellationToken), path);
    }

    private static async Task<OpenedImage> OpenArchiveAsync(
        string path, VirtualDiskOptions options, CancellationToken cancellationToken)
    {
        FileBlockDevice file = FileBlockDevice.Open(path);
        try
        {
            return Local(
                await VirtualDisk.OpenAsync(
                    await SparseTar.OpenAsync(file, cancellationToken: cancellationToken),
                    options,
                    cancellationToken),
                path);
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    private static OpenedImage Local(VirtualDisk disk, string path) =>
        new(disk, $"{Path.GetFileName(path)} ({FormatNames.Of(disk.Info.Format)})")
        {
            Path = Path.GetFullPath(path),
        };

    // A disk inside of a tar archive is read where it lies there.
    private static async ValueTask<BlockDevice> UnwrapAsync(
        BlockDevice file, CancellationToken cancellationToken) =>
        await SparseTar.IsTarAsync(file, cancellationToken)
            ? await SparseTar.OpenAsync(file, cancellationToken: cancellationToken)
            : file;
}
