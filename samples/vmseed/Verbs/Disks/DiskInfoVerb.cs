using System.CommandLine;
using Microsoft.Extensions.Logging;
using VMSeed.Blocks.Devices;
using VMSeed.Disks;
using VMSeed.Disks.Drivers;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Images;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Verbs.Disks;

/// <summary><c>vmseed disk info IMAGE</c>: what an image says of itself.</summary>
internal sealed class DiskInfoVerb : Verb
{
    private readonly ImageOptions _image = new();

    public DiskInfoVerb()
        : base("info", "Shows an image's format, shape, size, parent and snapshots.")
    {
        _image.AddReadingTo(this);
        Add(SharedOptions.Json);
    }

    protected override async Task<int> RunAsync(
        ParseResult line, CancellationToken cancellationToken)
    {
        // An image whose parent is lost can still say which one it wants: nothing is put below.
        await using MemoryBlockDevice nothing = new(0);
        using ILoggerFactory loggers = Loggers.Create(line);
        await using OpenedImage image = await _image.OpenAsync(
            line, loggers, nothing, cancellationToken);
        DiskInfo? info = (image.Disk as VirtualDisk)?.Info;
        long? occupied = await FileUse.OfAsync(
            _image.AddressOf(line), cancellationToken);
        if (line.GetValue(SharedOptions.Json))
        {
            WriteJson(image, info, occupied);
        }
        else
        {
            WriteText(image, info, occupied);
        }

        return ExitCode.Done;
    }

    private static void WriteText(OpenedImage image, DiskInfo? info, long? occupied)
    {
        Report.WriteFacts(
            ("Image", image.Title),
            ("Format", info is null ? "published" : FormatNames.Of(info.Format)),
            ("Shape", info?.Variant),
            ("Size", $"{ByteSize.Format(image.Disk.Length)} ({image.Disk.Length} bytes)"),
            ("Occupies", occupied is { } bytes ? ByteSize.Format(bytes) : null),
            ("Block size", info is { BlockSize: > 0 } ? ByteSize.Format(info.BlockSize) : null),
            ("Sector size", info is null ? null : $"{info.SectorSize} bytes"),
            ("Identifier", info?.Id?.ToString()),
            ("Parent", info?.ParentName),
            ("State", info is { IsUnclean: true } ? "was not closed by its last writer" : null));
        WriteSnapshots(info?.Snapshots ?? []);
        foreach (string warning in info?.Warnings ?? [])
        {
            Console.Out.WriteLine($"Warning: {warning}");
        }
    }

    private static void WriteSnapshots(IReadOnlyList<DiskSnapshot> snapshots)
    {
        if (snapshots.Count > 0)
        {
            Report.WriteTable([
                ["Snapshot", "Name", "Size", "Created"],
                .. snapshots.Select(snapshot => new[]
                {
                    snapshot.Id,
                    snapshot.Name,
                    ByteSize.Format(snapshot.Length),
                    Moment.Format(snapshot.Created),
                }),
            ]);
        }
    }

    private static void WriteJson(OpenedImage image, DiskInfo? info, long? occupied) =>
        Report.WriteJson(new
        {
            format = info is null ? "published" : FormatNames.Of(info.Format),
            variant = info?.Variant,
            length = image.Disk.Length,
            occupiedBytes = occupied,
            blockSize = info?.BlockSize,
            sectorSize = info?.SectorSize,
            id = info?.Id,
            parentName = info?.ParentName,
            snapshots = info?.Snapshots,
            isUnclean = info?.IsUnclean,
            warnings = info?.Warnings,
        });
}
