using System.Buffers.Binary;
using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using static VMSeed.Disks.Formats.Vhdx.VhdxConstants;

namespace VMSeed.Disks.Formats.Vhdx.Structures;

/// <summary>The metadata region (2.6): a table of items, and the items.</summary>
internal sealed class VhdxMetadata
{
    private const int CountOffset = 10;
    private const int EntryLength = 32;

    private readonly BlockDevice _file;
    private readonly VhdxRegion _region;
    private readonly Dictionary<Guid, (long Offset, int Length)> _items = [];

    private VhdxMetadata(BlockDevice file, VhdxRegion region) => (_file, _region) = (file, region);

    /// <summary>Reads the table.</summary>
    /// <exception cref="DiskFormatException">It contradicts itself, or requires what is not
    /// known.</exception>
    public static async ValueTask<VhdxMetadata> ReadAsync(
        BlockDevice file, VhdxRegion region, CancellationToken cancellationToken)
    {
        if (region.Length < MetadataTableLength)
        {
            throw DiskFormatException.Corrupt(
                $"The metadata of the VHDX has {region.Length} bytes; its table takes "
                + $"{MetadataTableLength}.");
        }

        byte[] table = new byte[MetadataTableLength];
        await file.ReadAsync(region.Offset, table, cancellationToken).ConfigureAwait(false);
        var metadata = new VhdxMetadata(file, region);
        metadata.Parse(table);
        return metadata;
    }

    /// <summary>Whether there is such an item.</summary>
    public bool Has(Guid id) => _items.ContainsKey(id);

    /// <summary>Where an item lies in the file.</summary>
    public long OffsetOf(Guid id) => _items[id].Offset;

    /// <summary>Reads an item.</summary>
    /// <param name="id">Which.</param>
    /// <param name="length">Its length; 0 for any.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    /// <exception cref="DiskFormatException">It is not there, or not so long.</exception>
    public async ValueTask<byte[]> ReadItemAsync(
        Guid id, int length, CancellationToken cancellationToken)
    {
        if (!_items.TryGetValue(id, out (long Offset, int Length) item))
        {
            throw DiskFormatException.Corrupt($"The VHDX has no metadata item {id}.");
        }

        if (length > 0 && item.Length != length)
        {
            throw DiskFormatException.Corrupt(
                $"The metadata item {id} of the VHDX has {item.Length} bytes, not {length}.");
        }

        byte[] bytes = new byte[item.Length];
        await _file.ReadAsync(item.Offset, bytes, cancellationToken).ConfigureAwait(false);
        return bytes;
    }

    private void Parse(ReadOnlySpan<byte> table)
    {
        int count = BinaryPrimitives.ReadUInt16LittleEndian(table[CountOffset..]);
        if (BinaryPrimitives.ReadUInt64LittleEndian(table) != MetadataSignature
            || count > GreatestTableCount)
        {
            throw DiskFormatException.Corrupt(
                $"The metadata table of the VHDX, with {count} items, is damaged.");
        }

        for (int i = 1; i <= count; i++)
        {
            Add(table.Slice(i * EntryLength, EntryLength));
        }
    }

    private void Add(ReadOnlySpan<byte> entry)
    {
        var id = new Guid(entry[..16]);
        uint offset = BinaryPrimitives.ReadUInt32LittleEndian(entry[16..]);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(entry[20..]);
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(entry[24..]);
        if (id == IncompleteFile)
        {
            throw DiskFormatException.Corrupt("The VHDX is marked as not made to its end.");
        }

        if ((flags & IsUser) != 0)
        {
            return; // Users' items may have the names of the system's; none is needed here.
        }

        if ((flags & IsRequired) != 0 && !IsKnown(id))
        {
            throw DiskFormatException.Unsupported(
                $"The VHDX requires the metadata item {id}, which is not known here.");
        }

        if (length > GreatestItemLength || offset + (long)length > _region.Length
            || (length > 0 && offset < MetadataTableLength))
        {
            throw DiskFormatException.Corrupt(
                $"The metadata item {id} of the VHDX has {length} bytes at {offset}; it must lie "
                + $"from {MetadataTableLength} on within {_region.Length} bytes.");
        }

        if (!_items.TryAdd(id, (_region.Offset + offset, (int)length)))
        {
            throw DiskFormatException.Corrupt($"The VHDX has the metadata item {id} twice.");
        }
    }

    private static bool IsKnown(Guid id) =>
        id == FileParameters || id == VirtualDiskSize || id == VirtualDiskId
        || id == LogicalSectorSize || id == PhysicalSectorSize || id == ParentLocator;
}
