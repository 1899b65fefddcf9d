using System.Xml.Linq;
using VMSeed.Disks.Binary;
using static VMSeed.Disks.Formats.Parallels.Bundles.BundleConstants;

namespace VMSeed.Disks.Formats.Parallels.Bundles;

/// <summary>Follows the snapshots of a bundle from the one that is written to the
/// oldest.</summary>
internal static class BundleChain
{
    /// <exception cref="DiskFormatException">The chain comes round to itself, or is too
    /// long.</exception>
    public static IReadOnlyList<Guid> Find(
        XElement? snapshots, IReadOnlyList<BundleStorage> storages)
    {
        Dictionary<Guid, Guid> parents = [];
        foreach (XElement shot in snapshots?.Elements("Shot") ?? [])
        {
            Guid id = BundleDescriptor.Id(BundleDescriptor.Child(shot, "GUID"));
            Guid parent = BundleDescriptor.Id(BundleDescriptor.Child(shot, "ParentGUID"));
            if (!parents.TryAdd(id, parent))
            {
                throw BundleDescriptor.Corrupt($"the snapshot {id:B} is there twice");
            }
        }

        return Walk(Top(snapshots, storages), parents);
    }

    private static Guid Top(XElement? snapshots, IReadOnlyList<BundleStorage> storages)
    {
        if (snapshots?.Element("TopGUID") is { } named)
        {
            return BundleDescriptor.Id(named);
        }

        // A disk that never had a snapshot need not call its only image by the usual name.
        IReadOnlyList<BundleImage> images = storages[0].Images;
        return images.Count == 1 ? images[0].Id : DefaultTop;
    }

    private static List<Guid> Walk(Guid top, Dictionary<Guid, Guid> parents)
    {
        List<Guid> chain = [];
        for (Guid id = top; id != Guid.Empty; id = parents.GetValueOrDefault(id))
        {
            if (chain.Contains(id))
            {
                throw BundleDescriptor.Corrupt($"the snapshot {id:B} is its own parent");
            }

            if (chain.Count == VirtualDiskOptions.GreatestDepth)
            {
                throw DiskFormatException.Unsupported(
                    "The chain of snapshots of the Parallels bundle is longer than "
                    + $"{VirtualDiskOptions.GreatestDepth}.");
            }

            chain.Add(id);
        }

        return chain;
    }
}
