using System.CommandLine;
using VMSeed.Disks;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Images;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Verbs.Disks;

/// <summary><c>vmseed disk resize IMAGE SIZE</c>: a longer or shorter disk, in place.</summary>
internal sealed class DiskResizeVerb : Verb
{
    private readonly ImageOptions _image = new();

    private readonly Argument<long> _size = new("size")
    {
        Description = "The new size, in bytes or like 10G.",
        CustomParser = result =>
        {
            if (!ByteSize.TryParse(result.Tokens[^1].Value, out long bytes))
            {
                result.AddError($"'{result.Tokens[^1].Value}' is not {ByteSize.Expected}.");
            }

            return bytes;
        },
    };

    private readonly Option<bool> _shrink = new("--shrink")
    {
        Description = "Cut off what lies behind the new size, for good.",
    };

    public DiskResizeVerb()
        : base("resize", "Makes the disk in an image longer, or with --shrink shorter.")
    {
        _image.AddTo(this);
        Add(_size);
        Add(_shrink);
        Add(SharedOptions.Json);
    }

    protected override async Task<int> RunAsync(
        ParseResult line, CancellationToken cancellationToken)
    {
        long size = line.GetRequiredValue(_size);
        await using VirtualDisk disk = await _image.OpenWritableAsync(
            line, parent: null, cancellationToken);
        long before = disk.Length;
        if (size < before && !line.GetValue(_shrink))
        {
            throw new ToolException(
                ExitCode.Other,
                $"the disk has {before} bytes; --shrink cuts off what lies behind {size}.");
        }

        await disk.SetLengthAsync(size, cancellationToken);
        await disk.FlushAsync(cancellationToken);
        if (line.GetValue(SharedOptions.Json))
        {
            Report.WriteJson(new { lengthBefore = before, length = disk.Length });
        }

        return ExitCode.Done;
    }
}
