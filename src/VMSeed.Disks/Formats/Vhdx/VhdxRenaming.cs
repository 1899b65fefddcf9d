using System.Buffers.Binary;
using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Formats.Vhdx.Structures;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vhdx.VhdxConstants;

namespace VMSeed.Disks.Formats.Vhdx;

/// <summary>Notes another parent in a differencing VHDX: the locator's bytes and its entry of the
/// metadata table, which one entry of the log replaces.</summary>
/// <param name="file">The file, its log done.</param>
/// <param name="tables">What the log writes.</param>
/// <param name="metadata">The region of the metadata.</param>
internal sealed class VhdxRenaming(BlockDevice file, TablePages tables, VhdxRegion metadata)
{
    private const int Rank = 0;
    private const int CountOffset = 10;
    private const int EntryLength = 32;

    /// <summary>Changes the pages; the caller commits them.</summary>
    /// <exception cref="DiskFormatException">The metadata has no room for it.</exception>
    public async ValueTask StoreAsync(
        VhdxParentLocator locator, CancellationToken cancellationToken)
    {
        byte[] table = new byte[MetadataTableLength];
        await file.ReadAsync(metadata.Offset, table, cancellationToken).ConfigureAwait(false);
        byte[] item = locator.ToBytes();
        (int entry, long offset) = Find(table, item.Length);
        byte[] place = new byte[2 * sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(place, (uint)offset);
        BinaryPrimitives.WriteInt32LittleEndian(place.AsSpan(sizeof(uint)), item.Length);
        await tables.WriteAsync(metadata.Offset + offset, item, Rank, cancellationToken)
            .ConfigureAwait(false);
        await tables.WriteAsync(metadata.Offset + entry + 16, place, Rank, cancellationToken)
            .ConfigureAwait(false);
    }

    // The locator is put behind all other items, where it mostly is.
    private (int Entry, long Offset) Find(byte[] table, int length)
    {
        int count = BinaryPrimitives.ReadUInt16LittleEndian(table.AsSpan(CountOffset));
        int found = 0;
        long end = MetadataTableLength;
        for (int at = EntryLength; at <= count * EntryLength; at += EntryLength)
        {
            ReadOnlySpan<byte> entry = table.AsSpan(at, EntryLength);
            if (new Guid(entry[..16]) == ParentLocator)
            {
                found = at;
                continue;
            }

            end = Math.Max(
                end,
                (long)BinaryPrimitives.ReadUInt32LittleEndian(entry[16..])
                    + BinaryPrimitives.ReadUInt32LittleEndian(entry[20..]));
        }

        long offset = FileTail.Align(end, sizeof(long));
        return found > 0 && offset <= metadata.Length - length
            ? (found, offset)
            : throw DiskFormatException.Unsupported(
                $"The metadata of the VHDX has {metadata.Length} bytes, and no room for a parent "
                + $"locator of {length} behind {offset}.");
    }
}
