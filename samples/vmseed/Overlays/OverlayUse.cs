using System.CommandLine;
using VMSeed.Blocks.Overlay;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Images;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Overlays;

/// <summary>The overlay that a verb puts over an image, or is about.</summary>
/// <remarks>An overlay of a published image has the head of its version in it: that version is
/// opened, whatever has been published since.</remarks>
internal sealed class OverlayUse
{
    /// <summary>What is there is read, and not changed.</summary>
    public static OverlayOptions Reading { get; } = new()
    {
        Mode = FileMode.Open,
        ReadOnly = true,
    };

    private readonly Option<string?> _option = new("--overlay")
    {
        HelpName = "FILE",
    };

    private readonly Argument<string> _argument = new("overlay")
    {
        Description = "The overlay's file.",
    };

    private bool _isArgument;

    /// <summary>Adds <c>--overlay FILE</c>.</summary>
    public void AddOptionTo(Command command, string description)
    {
        _option.Description = description;
        command.Add(_option);
    }

    /// <summary>Adds the file as what the verb is about.</summary>
    public void AddArgumentTo(Command command)
    {
        _isArgument = true;
        command.Add(_argument);
    }

    /// <summary>The overlay's file; null where none was named.</summary>
    public string? PathOf(ParseResult line) =>
        _isArgument ? line.GetRequiredValue(_argument) : line.GetValue(_option);

    /// <summary>Where the base is, as the overlay remembers it.</summary>
    public string AddressOf(ParseResult line)
    {
        // What a command line is read by cannot wait; the file is local.
        string address = OverlayDisk.ReadInfoAsync(PathOf(line)!).GetAwaiter().GetResult()
            .Base.Address;
        return address.Length > 0
            ? address
            : throw new ToolException(
                ExitCode.Usage, $"{PathOf(line)} does not say where its base is: give --base.");
    }

    /// <summary>The head of the version that the overlay lies over.</summary>
    /// <returns>Empty where there is no overlay yet, or none of a published image.</returns>
    public Task<ReadOnlyMemory<byte>> FindHeadAsync(
        ParseResult line, CancellationToken cancellationToken) =>
        PathOf(line) is { } path
            ? FindHeadAsync(path, cancellationToken)
            : Task.FromResult<ReadOnlyMemory<byte>>(default);

    /// <summary>The head of the version that an overlay was made over.</summary>
    /// <returns>Empty where there is no overlay yet, or none of a published image.</returns>
    public static async Task<ReadOnlyMemory<byte>> FindHeadAsync(
        string path, CancellationToken cancellationToken) =>
        File.Exists(path) && new FileInfo(path).Length > 0
            ? (await OverlayDisk.ReadInfoAsync(path, cancellationToken)).Base.SignedHead
            : default;

    /// <summary>Puts the overlay over an image, where one was named.</summary>
    /// <param name="line">The command line.</param>
    /// <param name="image">The image, which the result closes; as does a failure.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<OpenedImage> PutOverAsync(
        ParseResult line,
        OpenedImage image,
        OverlayOptions options,
        CancellationToken cancellationToken)
    {
        if (PathOf(line) is not { } path)
        {
            return image;
        }

        try
        {
            OverlayDisk disk = await OverlayDisk.OpenAsync(
                image.Disk,
                path,
                image.Describe(options),
                cancellationToken);
            return image with
            {
                Disk = disk,
                Title = $"{image.Title} under {Path.GetFileName(path)}",
                Base = image,
            };
        }
        catch
        {
            await image.DisposeAsync();
            throw;
        }
    }
}
