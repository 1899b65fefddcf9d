using System.CommandLine;
using Microsoft.Extensions.Logging;
using VMSeed.Blocks.Primitives;
using VMSeed.Disks;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Images;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Verbs.Disks;

/// <summary><c>vmseed disk map IMAGE</c>: where a disk has data.</summary>
internal sealed class DiskMapVerb : Verb
{
    private readonly ImageOptions _image = new();

    private readonly Option<bool> _own = new("--own")
    {
        Description = "Only what the image itself holds, without its parents.",
    };

    public DiskMapVerb()
        : base("map", "Lists the extents of a disk: data, zeros, and what is not local yet.")
    {
        _image.AddReadingTo(this);
        Add(_own);
        Add(SharedOptions.Json);
    }

    protected override async Task<int> RunAsync(
        ParseResult line, CancellationToken cancellationToken)
    {
        using ILoggerFactory loggers = Loggers.Create(line);
        await using OpenedImage image = await _image.OpenAsync(
            line, loggers, parent: null, cancellationToken);
        IAsyncEnumerable<Extent> extents = line.GetValue(_own) && image.Disk is VirtualDisk disk
            ? disk.OwnExtentsAsync(cancellationToken)
            : image.Disk.ExtentsAsync(0, image.Disk.Length, cancellationToken);
        if (line.GetValue(SharedOptions.Json))
        {
            List<object> all = [];
            await foreach (Extent extent in extents)
            {
                all.Add(new { offset = extent.Offset, length = extent.Length, kind = extent.Kind });
            }

            Report.WriteJson(all);
            return ExitCode.Done;
        }

        // Line by line: the map of a large disk is long.
        await foreach (Extent extent in extents)
        {
            Console.Out.WriteLine(
                $"{extent.Offset,16} {extent.Length,16}  "
                + extent.Kind.ToString().ToLowerInvariant());
        }

        return ExitCode.Done;
    }
}
