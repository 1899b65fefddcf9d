using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vdi.VdiConstants;

namespace VMSeed.Disks.Formats.Vdi;

/// <summary>Walks the whole map.</summary>
internal static class VdiSurvey
{
    /// <summary>The number after the highest that an entry has: the header's count may be older
    /// than the map, after a crash of whoever wrote it.</summary>
    public static async ValueTask<uint> NextBlockAsync(
        VdiHeader header, TablePages tables, CancellationToken cancellationToken)
    {
        uint next = 0;
        for (int block = 0; block < header.BlockCount; block++)
        {
            long at = header.MapOffset + (4L * block);
            TablePage page = await tables.GetAsync(at, cancellationToken).ConfigureAwait(false);
            uint entry = page.ReadUInt32LittleEndian((int)(at - page.Offset));
            next = entry < ZeroEntry ? Math.Max(next, entry + 1) : next;
        }

        return next;
    }
}
