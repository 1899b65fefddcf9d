using System.Buffers.Binary;
using VMSeed.Disks.Mapping;

namespace VMSeed.Disks.Formats.Vmdk.Grains;

/// <summary>The two copies of an extent's tables.</summary>
/// <param name="First">Where each table lies; see <see cref="GrainDirectory"/>.</param>
/// <param name="Second">Where its second copy lies; null where there is none.</param>
internal sealed record GrainTables(long[] First, long[]? Second)
{
    /// <summary>The entry of a grain in a table; 0 where there is no table.</summary>
    public static async ValueTask<uint> ReadAsync(
        TablePages pages, long table, long index, CancellationToken cancellationToken)
    {
        if (table <= 0)
        {
            return 0;
        }

        long at = table + (index * sizeof(uint));
        TablePage page = await pages.GetAsync(at, cancellationToken).ConfigureAwait(false);
        return page.ReadUInt32LittleEndian((int)(at - page.Offset));
    }

    /// <summary>Changes the entry of a grain in one copy, where that copy is.</summary>
    public static ValueTask WriteAsync(
        TablePages pages, long table, long index, uint entry, CancellationToken cancellationToken)
    {
        if (table <= 0)
        {
            return default;
        }

        byte[] bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, entry);
        return pages.WriteAsync(
            table + (index * sizeof(uint)), bytes, rank: 0, cancellationToken);
    }
}
