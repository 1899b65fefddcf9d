using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using static VMSeed.Disks.Formats.Parallels.Bundles.BundleConstants;

namespace VMSeed.Disks.Formats.Parallels.Bundles;

/// <summary>Writes descriptors, with the elements and in the order of Parallels
/// Desktop.</summary>
internal static class BundleWriter
{
    /// <summary>A descriptor of one part.</summary>
    /// <param name="name">The bundle's name.</param>
    /// <param name="id">The disk's identifier.</param>
    /// <param name="storage">The part, with its images.</param>
    /// <param name="chain">The snapshots, the one that is written first.</param>
    public static byte[] New(
        string name, Guid id, BundleStorage storage, IReadOnlyList<Guid> chain)
    {
        const int Cylinder = ParallelsConstants.Heads * ParallelsConstants.SectorsPerTrack;
        return ToBytes(new XDocument(
            new XElement(
                RootName,
                new XAttribute("Version", "1.0"),
                new XElement(
                    "Disk_Parameters",
                    Number("Disk_size", storage.End),
                    Number("Cylinders", storage.End / Cylinder),
                    Number("PhysicalSectorSize", 4096),
                    Number("LogicSectorSize", ParallelsConstants.SectorSize),
                    Number("Heads", ParallelsConstants.Heads),
                    Number("Sectors", ParallelsConstants.SectorsPerTrack),
                    Number("Padding", 0),
                    new XElement(
                        "Encryption", Id("Engine", Guid.Empty), new XElement("Data")),
                    Id("UID", id),
                    new XElement("Name", name),
                    new XElement(
                        "Miscellaneous",
                        new XElement("CompatLevel", "level2"),
                        new XElement("Bootable", 1),
                        new XElement("SuspendState", 0))),
                new XElement(
                    "StorageData",
                    new XElement(
                        "Storage",
                        Number("Start", storage.Start),
                        Number("End", storage.End),
                        Number("Blocksize", storage.ClusterSectors),
                        storage.Images.Select(Image))),
                new XElement("Snapshots", chain.Select((shot, i) =>
                    Shot(shot, i + 1 < chain.Count ? chain[i + 1] : Guid.Empty))))));
    }

    /// <summary>The same descriptor after a snapshot: what was written last gets the snapshot's
    /// identifier, and a new image the one of what is written.</summary>
    /// <param name="descriptor">The descriptor; its document is changed.</param>
    /// <param name="snapshot">The identifier of what is frozen.</param>
    /// <param name="files">A new image's file for each part.</param>
    public static byte[] WithSnapshot(
        BundleDescriptor descriptor, Guid snapshot, IReadOnlyList<string> files)
    {
        XElement root = descriptor.Document.Root!;
        Guid top = descriptor.Chain[0];
        Guid below = descriptor.Chain.Count > 1 ? descriptor.Chain[1] : Guid.Empty;
        var storages = BundleDescriptor.Child(root, "StorageData").Elements("Storage")
            .OrderBy(element => long.Parse(
                BundleDescriptor.Child(element, "Start").Value, CultureInfo.InvariantCulture))
            .ToList();
        for (int i = 0; i < storages.Count; i++)
        {
            SetId(
                storages[i].Elements("Image").Select(image => image.Element("GUID")!),
                top,
                snapshot);
            storages[i].Add(Image(new BundleImage(top, IsPlain: false, files[i])));
        }

        XElement shots = root.Element("Snapshots") ?? AddSnapshots(root);
        shots.Elements("Shot")
            .Where(shot => BundleDescriptor.Id(shot.Element("GUID")!) == top).Remove();
        shots.Add(Shot(snapshot, below), Shot(top, snapshot));
        return ToBytes(descriptor.Document);
    }

    private static void SetId(IEnumerable<XElement> elements, Guid from, Guid to)
    {
        foreach (XElement element in elements.Where(e => BundleDescriptor.Id(e) == from))
        {
            element.Value = to.ToString("B");
        }
    }

    private static XElement AddSnapshots(XElement root)
    {
        var snapshots = new XElement("Snapshots");
        root.Add(snapshots);
        return snapshots;
    }

    private static XElement Image(BundleImage image) => new(
        "Image",
        Id("GUID", image.Id),
        new XElement("Type", image.IsPlain ? "Plain" : "Compressed"),
        new XElement("File", image.File));

    private static XElement Shot(Guid id, Guid parent) =>
        new("Shot", Id("GUID", id), Id("ParentGUID", parent));

    private static XElement Id(string name, Guid id) => new(name, id.ToString("B"));

    private static XElement Number(string name, long value) =>
        new(name, value.ToString(CultureInfo.InvariantCulture));

    // What is read with its white space keeps it; a new descriptor is indented as real ones are.
    private static byte[] ToBytes(XDocument document)
    {
        bool isNew = !document.DescendantNodes().OfType<XText>()
            .Any(text => string.IsNullOrWhiteSpace(text.Value));
        var settings = new XmlWriterSettings
        {
            Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            Indent = isNew,
            IndentChars = "    ",
            NewLineChars = "\n",
        };
        var bytes = new MemoryStream();
        using (var writer = XmlWriter.Create(bytes, settings))
        {
            document.Save(writer);
        }

        return bytes.ToArray();
    }
}
