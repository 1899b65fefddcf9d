using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using static VMSeed.Disks.Formats.Parallels.Bundles.BundleConstants;

namespace VMSeed.Disks.Formats.Parallels.Bundles;

// The text is somebody else's: no document type (whose entities could grow without end), no files
// of its own, and a bound on its length. What is not known here stays in the document, so that it
// is still there when a snapshot rewrites it.

/// <summary>What <c>DiskDescriptor.xml</c> says: the parts of a disk and its snapshots.</summary>
internal sealed class BundleDescriptor
{
    private BundleDescriptor(XDocument document) => Document = document;

    public XDocument Document { get; }

    public required long Sectors { get; init; }

    public required int SectorSize { get; init; }

    /// <summary>The parts, from the disk's first sector to its last without a gap.</summary>
    public required IReadOnlyList<BundleStorage> Storages { get; init; }

    /// <summary>The snapshots from the one that is written down to the oldest.</summary>
    public required IReadOnlyList<Guid> Chain { get; init; }

    public static async ValueTask<BundleDescriptor> ReadAsync(
        BlockDevice file, CancellationToken cancellationToken)
    {
        if (file.Length > GreatestDescriptor)
        {
            throw DiskFormatException.Unsupported(
                $"The descriptor of the Parallels bundle has {file.Length} bytes; "
                + $"{GreatestDescriptor} are the most.");
        }

        byte[] bytes = new byte[file.Length];
        await file.ReadAsync(0, bytes, cancellationToken).ConfigureAwait(false);
        return Parse(bytes);
    }

    /// <summary>Reads a descriptor.</summary>
    /// <exception cref="DiskFormatException">It is no XML, contradicts itself, or asks for what is
    /// not known.</exception>
    public static BundleDescriptor Parse(byte[] bytes)
    {
        XDocument document = Load(bytes);
        XElement root = document.Root!;
        Require(root.Name == RootName, $"its root is {root.Name}, not {RootName}");
        XElement parameters = Child(root, "Disk_Parameters");
        RequireKnown(parameters);
        long sectors = Number(parameters, "Disk_size", GreatestSectors);
        BundleStorage[] storages =
        [
            .. Child(root, "StorageData").Elements("Storage").Select(Storage)
                .OrderBy(storage => storage.Start),
        ];
        RequireWhole(storages, sectors);
        return new BundleDescriptor(document)
        {
            Sectors = sectors,
            SectorSize = parameters.Element("LogicSectorSize")?.Value.Trim() == "4096" ? 4096 : 512,
            Storages = storages,
            Chain = BundleChain.Find(root.Element("Snapshots"), storages),
        };
    }

    /// <summary>An element that has to be there.</summary>
    public static XElement Child(XElement parent, string name) =>
        parent.Element(name)
        ?? throw Corrupt($"there is no {name} in its {parent.Name}");

    /// <summary>The identifier that an element holds.</summary>
    public static Guid Id(XElement element) =>
        Guid.TryParse(element.Value.Trim(), CultureInfo.InvariantCulture, out Guid id)
            ? id
            : throw Corrupt($"the {element.Name} of a {element.Parent?.Name} is no identifier");

    public static DiskFormatException Corrupt(string why) =>
        DiskFormatException.Corrupt(
            $"The descriptor of the Parallels bundle is wrong: {why}.");

    private static XDocument Load(byte[] bytes)
    {
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersInDocument = GreatestDescriptor,
        };
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(bytes), settings);
            return XDocument.Load(reader, LoadOptions.PreserveWhitespace);
        }
        catch (XmlException fault)
        {
            throw new DiskFormatException(
                DiskFault.Corrupt,
                $"The descriptor of the Parallels bundle is no XML, at line {fault.LineNumber}.",
                fault);
        }
    }

    private static void RequireKnown(XElement parameters)
    {
        if (parameters.Element("Padding")?.Value.Trim() is { Length: > 0 } and not "0")
        {
            throw DiskFormatException.Unsupported(
                "The Parallels bundle has a Padding of its own; only 0 is known.");
        }

        string? engine = parameters.Element("Encryption")?.Element("Engine")?.Value.Trim();
        if (!string.IsNullOrEmpty(engine) && Guid.TryParse(engine, out Guid id) && id != Guid.Empty)
        {
            throw DiskFormatException.Unsupported("The Parallels bundle is encrypted.");
        }
    }

    private static BundleStorage Storage(XElement element)
    {
        long start = Number(element, "Start", GreatestSectors);
        long end = Number(element, "End", GreatestSectors);
        Require(end > start, $"a part lies from sector {start} to {end}");
        int most = ParallelsConstants.GreatestClusterSize / ParallelsConstants.SectorSize;
        return new BundleStorage(
            start,
            end,
            (int)Number(element, "Blocksize", most),
            [.. element.Elements("Image").Select(Image)]);
    }

    private static BundleImage Image(XElement element)
    {
        string type = Child(element, "Type").Value.Trim();
        Require(
            type is "Plain" or "Compressed",
            $"an image is {type}; Plain and Compressed are known");
        return new BundleImage(
            Id(Child(element, "GUID")), type == "Plain", Child(element, "File").Value.Trim());
    }

    private static void RequireWhole(BundleStorage[] storages, long sectors)
    {
        Require(
            storages.Length is > 0 and <= GreatestStorageCount,
            $"the disk has {storages.Length} parts, not 1 to {GreatestStorageCount}");
        long next = 0;
        foreach (BundleStorage storage in storages)
        {
            Require(
                storage.Start == next,
                $"a part begins at sector {storage.Start}, and the one before ends at {next}");
            next = storage.End;
        }

        Require(next == sectors, $"the parts have {next} sectors, and the disk {sectors}");
    }

    private static long Number(XElement parent, string name, long most)
    {
        string text = Child(parent, name).Value.Trim();
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value)
            && value <= most
                ? value
                : throw Corrupt($"the {name} of its {parent.Name} is no number from 0 to {most}");
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw Corrupt(otherwise);
        }
    }
}
