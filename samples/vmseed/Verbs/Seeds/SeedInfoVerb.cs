using System.CommandLine;
using Microsoft.Extensions.Logging;
using VMSeed.Disks;
using VMSeed.ImageBuilder.Inspection;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Images;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Verbs.Seeds;

/// <summary><c>vmseed seed info FILE</c>: what a seed has grown to, from outside.</summary>
internal sealed class SeedInfoVerb : Verb
{
    private readonly ImageOptions _image = new();

    public SeedInfoVerb()
        : base("info", "Shows what a seed holds: images, fetched blocks, changes. Changes nothing.")
    {
        _image.AddReadingTo(this);
        Add(SharedOptions.Json);
    }

    protected override async Task<int> RunAsync(
        ParseResult line, CancellationToken cancellationToken)
    {
        using ILoggerFactory loggers = Loggers.Create(line);
        await using OpenedImage image = await _image.OpenAsync(
            line, loggers, parent: null, cancellationToken);
        SeedContents seed = await SeedInspector.ReadAsync(image.Disk, cancellationToken);
        if (line.GetValue(SharedOptions.Json))
        {
            WriteJson(image, seed);
        }
        else
        {
            WriteText(image, seed);
        }

        return ExitCode.Done;
    }

    private static void WriteText(OpenedImage image, SeedContents seed)
    {
        int unit = (image.Disk as VirtualDisk)?.Info.BlockSize ?? 0;
        Report.WriteFacts(
            ("Seed", seed.DiskId.ToString()),
            ("File", image.Title),
            ("Built", Moment.Format(seed.Created)),
            ("Size", ByteSize.Format(image.Disk.Length)),
            ("File length", LengthOf(image) is { } length ? ByteSize.Format(length) : null),
            ("Unit", unit > 0 ? ByteSize.Format(unit) : null));
        foreach (SeededImage one in seed.Images)
        {
            Report.WriteFacts(
                ("Image", $"{one.Name} version {one.Version}, from {one.Url}"),
                ("", $"{one.Head.Content.DataBlocks} blocks with data, "
                    + $"{ByteSize.Format(one.Head.Content.StoredBytes)} stored"));
        }

        Report.WriteFacts(
            ("Cache", $"{seed.Cache.Blocks} blocks and index pages of "
                + $"{ByteSize.Format(seed.Cache.PlainBytes)}, "
                + $"stored in {ByteSize.Format(seed.Cache.StoredBytes)}"),
            ("Changes", seed.Changes is { } changes
                ? $"{ByteSize.Format(changes.UsedBytes)} of {ByteSize.Format(changes.Length)}"
                    + (changes.IsClean ? "" : ", not unmounted")
                : "never formatted"));
        Report.WriteTable([
            ["Partition", "Begins", "Size", "Allocated"],
            .. seed.Partitions.Select(part => new[]
            {
                part.Name,
                ByteSize.Format(part.Offset),
                ByteSize.Format(part.Length),
                ByteSize.Format(part.AllocatedBytes),
            }),
        ]);
    }

    private static void WriteJson(OpenedImage image, SeedContents seed) => Report.WriteJson(new
    {
        disk = seed.DiskId,
        created = seed.Created,
        format = image.Format is { } format ? FormatNames.Of(format) : null,
        length = image.Disk.Length,
        fileLength = LengthOf(image),
        unit = (image.Disk as VirtualDisk)?.Info.BlockSize,
        images = seed.Images.Select(one => new
        {
            name = one.Name,
            url = one.Url,
            version = one.Version,
            dataBlocks = one.Head.Content.DataBlocks,
            storedBytes = one.Head.Content.StoredBytes,
        }),
        cache = new
        {
            blocks = seed.Cache.Blocks,
            plainBytes = seed.Cache.PlainBytes,
            storedBytes = seed.Cache.StoredBytes,
        },
        changes = seed.Changes,
        partitions = seed.Partitions,
    });

    private static long? LengthOf(OpenedImage image) =>
        image.Path is { } path ? FileUse.LengthOf(path) : null;
}
