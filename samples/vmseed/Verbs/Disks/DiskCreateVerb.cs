using System.CommandLine;
using VMSeed.Disks;
using VMSeed.Disks.Access;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Images;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Verbs.Disks;

/// <summary><c>vmseed disk create FILE --size SIZE</c>: a new, empty image.</summary>
internal sealed class DiskCreateVerb : Verb
{
    private readonly Argument<string> _file = new("file")
    {
        Description = "The file to make.",
    };

    private readonly CreationOptions _creation = new();

    private readonly Option<long?> _size = Quantities.Size(
        "--size", "The disk's size. [default: that of --parent]");

    public DiskCreateVerb()
        : base("create", "Makes an image that reads as zeros, or as its parent.")
    {
        Add(_file);
        _creation.AddTo(this);
        Add(_size);
        Add(SharedOptions.Force);
        Add(SharedOptions.Json);
    }

    protected override async Task<int> RunAsync(
        ParseResult line, CancellationToken cancellationToken)
    {
        string path = line.GetRequiredValue(_file);
        await using VirtualDisk? parent = await _creation.OpenParentAsync(
            line, FilesBeside(line, path), cancellationToken);
        long length = line.GetValue(_size) ?? parent?.Length
            ?? throw new ToolException(ExitCode.Usage, "how large? Give --size or --parent.");
        VirtualDiskCreateOptions options = _creation.Build(line, path, length, parent);
        using ReplacedFile old = ReplacedFile.Take(path, line.GetValue(SharedOptions.Force));
        await using (VirtualDisk disk = await VirtualDisk.CreateFileAsync(
            path, options, cancellationToken))
        {
            await disk.FlushAsync(cancellationToken);
            if (line.GetValue(SharedOptions.Json))
            {
                Report.WriteJson(new
                {
                    format = FormatNames.Of(disk.Info.Format),
                    variant = disk.Info.Variant,
                    length = disk.Length,
                    blockSize = disk.Info.BlockSize,
                    parentName = disk.Info.ParentName,
                });
            }
        }

        old.Drop();
        return ExitCode.Done;
    }

    // The parent's own parents lie beside it.
    private FolderFiles FilesBeside(ParseResult line, string path) =>
        new(Path.GetDirectoryName(Path.GetFullPath(_creation.ParentOf(line) ?? path))!);
}
