using System.CommandLine;
using VMSeed.Blocks.Devices;
using VMSeed.Disks;
using VMSeed.Disks.Access;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Copying;
using VMSeed.Tool.Images;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Verbs.Disks;

/// <summary><c>vmseed disk rebase IMAGE --parent OTHER</c>: the same disk over another
/// parent.</summary>
/// <remarks>The image is made anew, with what differs from the new parent; <c>--unsafe</c> only
/// changes the name, for a parent that has moved.</remarks>
internal sealed class DiskRebaseVerb : Verb
{
    private readonly ImageOptions _image = new();

    private readonly Option<string> _parent = new("--parent")
    {
        Description = "The new parent, a local image; an empty text for none.",
        HelpName = "IMAGE",
        Required = true,
    };

    private readonly Option<string?> _parentName = new("--parent-name")
    {
        Description = "How the image names it. [default: the path from the image's folder]",
        HelpName = "NAME",
    };

    private readonly Option<bool> _unsafe = new("--unsafe")
    {
        Description = "Only change the name: the parent has moved, and its content is the same.",
    };

    public DiskRebaseVerb()
        : base("rebase", "Puts an image over another parent, or over none.")
    {
        _image.AddTo(this);
        Add(_parent);
        Add(_parentName);
        Add(_unsafe);
        Add(SharedOptions.Quiet);
        Add(SharedOptions.Json);
    }

    protected override async Task<int> RunAsync(
        ParseResult line, CancellationToken cancellationToken)
    {
        string path = Path.GetFullPath(_image.AddressOf(line));
        await using VirtualDisk? parent = await OpenParentAsync(line, path, cancellationToken);
        if (line.GetValue(_unsafe))
        {
            await RenameAsync(line, path, parent, cancellationToken);
        }
        else
        {
            await MoveAsync(line, path, parent, cancellationToken);
        }

        if (line.GetValue(SharedOptions.Json))
        {
            Report.WriteJson(new { parentName = NameFor(line, path) });
        }

        return ExitCode.Done;
    }

    private async Task<VirtualDisk?> OpenParentAsync(
        ParseResult line, string path, CancellationToken cancellationToken)
    {
        string parent = line.GetRequiredValue(_parent);
        if (parent.Length == 0)
        {
            return null;
        }

        if (Path.GetFullPath(parent) == path)
        {
            throw new ToolException(ExitCode.Usage, "an image cannot be its own parent.");
        }

        FolderFiles files = _image.FilesOf(line, parent);
        return await VirtualDisk.OpenFileAsync(
            parent, new VirtualDiskOptions { Files = files }, cancellationToken);
    }

    private async Task RenameAsync(
        ParseResult line, string path, VirtualDisk? parent, CancellationToken cancellationToken)
    {
        // The old parent need not be there.
        await using MemoryBlockDevice nothing = new(0);
        await using VirtualDisk disk = await _image.OpenWritableAsync(
            line, nothing, cancellationToken);
        await disk.RenameParentAsync(NameFor(line, path), parent, cancellationToken);
    }

    private async Task MoveAsync(
        ParseResult line, string path, VirtualDisk? parent, CancellationToken cancellationToken)
    {
        using ReplacedFile old = ReplacedFile.Take(path, force: true);
        await using VirtualDisk source = await VirtualDisk.OpenFileAsync(
            old.Aside,
            new VirtualDiskOptions { Files = _image.FilesOf(line, path) },
            cancellationToken);
        await ProgressBar.RunAsync(
            line.GetValue(SharedOptions.Quiet),
            "Rebasing",
            source.Length,
            async bar =>
            {
                await DiskConverter.ConvertFileAsync(
                    source,
                    path,
                    new VirtualDiskCreateOptions
                    {
                        Format = source.Info.Format,
                        Length = source.Length,
                        BlockSize = source.Info.BlockSize > 0 ? source.Info.BlockSize : null,
                        Parent = parent,
                        ParentName = NameFor(line, path),
                    },
                    new CopyTicks(bar),
                    cancellationToken);
                return true;
            });
        old.Drop();
    }

    private string? NameFor(ParseResult line, string path) =>
        line.GetRequiredValue(_parent) is { Length: > 0 } parent
            ? line.GetValue(_parentName)
                ?? Path.GetRelativePath(Path.GetDirectoryName(path)!, Path.GetFullPath(parent))
            : null;
}
