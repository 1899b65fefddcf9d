using System.CommandLine;
using VMSeed.Disks;
using VMSeed.Disks.Access;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Images;

/// <summary>What kind of image is made.</summary>
internal sealed class CreationOptions
{
    private readonly Option<DiskFormat?> _format = FormatNames.Option(
        "--format", "The image's format. [default: what the file's ending says]");

    private readonly Option<string?> _variant = new("--variant")
    {
        Description = "The format's shape: dynamic, fixed, monolithicSparse, "
            + "twoGbMaxExtentSparse, streamOptimized, v3… [default: one that grows]",
        HelpName = "WORD",
    };

    private readonly Option<long?> _blockSize = Quantities.Size(
        "--block-size", "What the image allocates at once. [default: the format's own]");

    private readonly Option<string?> _parent = new("--parent")
    {
        Description = "A local image: the new one holds only what differs from it.",
        HelpName = "IMAGE",
    };

    private readonly Option<string?> _parentName = new("--parent-name")
    {
        Description = "How the image names its parent. "
            + "[default: the path from the image's folder]",
        HelpName = "NAME",
    };

    public void AddTo(Command command)
    {
        command.Add(_format);
        command.Add(_variant);
        command.Add(_blockSize);
        command.Add(_parent);
        command.Add(_parentName);
    }

    /// <summary>The parent, opened to be read; null where none was named.</summary>
    public async Task<VirtualDisk?> OpenParentAsync(
        ParseResult line, FolderFiles files, CancellationToken cancellationToken) =>
        line.GetValue(_parent) is { Length: > 0 } path
            ? await VirtualDisk.OpenFileAsync(
                path, new VirtualDiskOptions { Files = files }, cancellationToken)
            : null;

    public string? ParentOf(ParseResult line) => line.GetValue(_parent);

    public VirtualDiskCreateOptions Build(
        ParseResult line, string path, long length, VirtualDisk? parent)
    {
        DiskFormat format = line.GetValue(_format) ?? FormatNames.OfPath(path)
            ?? throw new ToolException(
                ExitCode.Usage, $"{path} does not say its format: give --format.");
        return new VirtualDiskCreateOptions
        {
            Format = format,
            Length = length,
            Variant = line.GetValue(_variant),
            BlockSize = line.GetValue(_blockSize) is { } size
                ? (int)Math.Min(size, int.MaxValue)
                : null,
            Parent = parent,
            ParentName = NameFor(line, path),
        };
    }

    /// <summary>How an image names the parent that was given.</summary>
    public string? NameFor(ParseResult line, string path) =>
        line.GetValue(_parentName)
        ?? (line.GetValue(_parent) is { Length: > 0 } parent
            ? Path.GetRelativePath(
                Path.GetDirectoryName(Path.GetFullPath(path))!, Path.GetFullPath(parent))
            : null);
}
