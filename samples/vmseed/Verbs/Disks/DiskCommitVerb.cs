using System.CommandLine;
using VMSeed.Disks;
using VMSeed.Disks.Access;
using VMSeed.Disks.Drivers;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Copying;
using VMSeed.Tool.Images;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Verbs.Disks;

// Formats know their parents again by what the parent says of its content, and that changes with
// the commit: the child, left as it is, would open no more. So it is made anew, empty, over the
// parent as it now is. Until it is, the old child is beside it, and reads the same over the old
// parent's content and the new one's alike, for it holds every byte that differs.

/// <summary><c>vmseed disk commit IMAGE</c>: what a differencing image holds, into its
/// parent.</summary>
internal sealed class DiskCommitVerb : Verb
{
    private readonly ImageOptions _image = new();

    private readonly Option<bool> _keep = new("--keep")
    {
        Description = "Leave the image as it is; where its format compares identities, it will "
            + "not open over the changed parent.",
    };

    public DiskCommitVerb()
        : base("commit", "Writes what an image holds into its parent, and empties the image.")
    {
        _image.AddTo(this);
        Add(_keep);
        Add(SharedOptions.Quiet);
        Add(SharedOptions.Json);
    }

    protected override async Task<int> RunAsync(
        ParseResult line, CancellationToken cancellationToken)
    {
        string path = Path.GetFullPath(_image.AddressOf(line));
        DiskInfo info = await FindParentAsync(line, cancellationToken);
        FolderFiles files = _image.FilesOf(line, path);
        string parentPath = await PathOfAsync(files, info.ParentName!, cancellationToken);
        long length;
        await using (VirtualDisk parent = await VirtualDisk.OpenFileAsync(
            parentPath,
            new VirtualDiskOptions { CanWrite = true, Files = _image.FilesOf(line, parentPath) },
            cancellationToken))
        {
            await using VirtualDisk child = await VirtualDisk.OpenFileAsync(
                path, new VirtualDiskOptions { Parent = parent, Files = files }, cancellationToken);
            length = child.Length;
            await ProgressBar.RunAsync(
                line.GetValue(SharedOptions.Quiet),
                "Committing",
                length,
                async bar =>
                {
                    await DiskConverter.CommitAsync(
                        child, parent, new CopyTicks(bar), cancellationToken);
                    return true;
                });
        }

        if (!line.GetValue(_keep))
        {
            await EmptyAsync(line, path, parentPath, info, length, cancellationToken);
        }

        if (line.GetValue(SharedOptions.Json))
        {
            Report.WriteJson(new { parent = parentPath, isEmptied = !line.GetValue(_keep) });
        }

        return ExitCode.Done;
    }

    // Opened as it is used, so that a parent which is not the image's is refused before a byte of
    // it changes.
    private async Task<DiskInfo> FindParentAsync(
        ParseResult line, CancellationToken cancellationToken)
    {
        await using VirtualDisk child = await VirtualDisk.OpenFileAsync(
            _image.AddressOf(line),
            new VirtualDiskOptions { Files = _image.FilesOf(line, _image.AddressOf(line)) },
            cancellationToken);
        return child.Info.ParentName is not null
            ? child.Info
            : throw new ToolException(
                ExitCode.Usage, $"{_image.AddressOf(line)} has no parent to commit to.");
    }

    private static async Task<string> PathOfAsync(
        FolderFiles files, string name, CancellationToken cancellationToken)
    {
        ResolvedFile parent = await files.OpenAsync(name, FileAccess.Read, cancellationToken);
        await parent.Device.DisposeAsync();
        return parent.Name;
    }

    private async Task EmptyAsync(
        ParseResult line,
        string path,
        string parentPath,
        DiskInfo info,
        long length,
        CancellationToken cancellationToken)
    {
        using ReplacedFile old = ReplacedFile.Take(path, force: true);
        await using VirtualDisk parent = await VirtualDisk.OpenFileAsync(
            parentPath,
            new VirtualDiskOptions { Files = _image.FilesOf(line, parentPath) },
            cancellationToken);
        await using (VirtualDisk _ = await VirtualDisk.CreateFileAsync(
            path,
            new VirtualDiskCreateOptions
            {
                Format = info.Format,
                Length = length,
                BlockSize = info.BlockSize > 0 ? info.BlockSize : null,
                Parent = parent,
                ParentName = info.ParentName,
            },
            cancellationToken))
        {
        }

        old.Drop();
    }
}
