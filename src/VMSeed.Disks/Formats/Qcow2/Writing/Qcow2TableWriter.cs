using System.Buffers.Binary;
using VMSeed.Disks.Formats.Qcow2.Header;
using VMSeed.Disks.Formats.Qcow2.Space;
using VMSeed.Disks.Formats.Qcow2.Tables;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Qcow2.Qcow2Constants;

namespace VMSeed.Disks.Formats.Qcow2.Writing;

/// <summary>Reads and changes entries, making the L2 tables that they need. Called under the disk's
/// gate.</summary>
internal sealed class Qcow2TableWriter(Qcow2Files files, Qcow2Lookup lookup, Qcow2Space space)
{
    private readonly Qcow2Geometry _geometry = files.Header.Geometry;
    private readonly byte[] _word = new byte[8];

    /// <summary>The entry of an offset, wherever its table lies.</summary>
    public async ValueTask<L2Entry> ReadAsync(long offset, CancellationToken cancellationToken)
    {
        (_, ulong l1) = await ReadL1Async(offset, cancellationToken).ConfigureAwait(false);
        long table = lookup.L2Offset(l1);
        return table == 0
            ? default
            : await ReadEntryAsync(lookup.EntryOffset(table, offset), cancellationToken)
                .ConfigureAwait(false);
    }

    /// <summary>The entry of an offset, in a table of this disk's own: one is made where there is
    /// none, and copied where a snapshot has it too.</summary>
    public async ValueTask<L2Entry> OwnAsync(long offset, CancellationToken cancellationToken)
    {
        (long at, ulong l1) = await ReadL1Async(offset, cancellationToken).ConfigureAwait(false);
        long table = lookup.L2Offset(l1);
        if (table == 0 || (l1 & CopiedFlag) == 0)
        {
            long old = table;
            table = await AddTableAsync(old, cancellationToken).ConfigureAwait(false);
            await WriteWordAsync(at, (ulong)table | CopiedFlag, Qcow2Ranks.L1, cancellationToken)
                .ConfigureAwait(false);
            if (old != 0)
            {
                space.Release(old);
            }
        }

        return await ReadEntryAsync(lookup.EntryOffset(table, offset), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Changes an entry to a place: the place first, then the bits that rely on
    /// it.</summary>
    /// <remarks>Over a compressed cluster the other way round: its bits mean nothing, and would
    /// say that nothing is stored.</remarks>
    public async ValueTask PlaceAsync(
        L2Entry old, ulong word, ulong bits, CancellationToken cancellationToken)
    {
        bool isPacked = (old.Word & CompressedFlag) != 0;
        if (isPacked)
        {
            await WriteBitsAsync(old, bits, cancellationToken).ConfigureAwait(false);
        }

        await WriteWordAsync(old.Offset, word, Qcow2Ranks.L2, cancellationToken)
            .ConfigureAwait(false);
        if (!isPacked)
        {
            await WriteBitsAsync(old, bits, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Changes an entry to one without a place: the bits first.</summary>
    public async ValueTask UnplaceAsync(
        L2Entry old, ulong word, ulong bits, CancellationToken cancellationToken)
    {
        await WriteBitsAsync(old, bits, cancellationToken).ConfigureAwait(false);
        await WriteWordAsync(old.Offset, word, Qcow2Ranks.L2, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Where the L1 entry of an offset lies, and what it says.</summary>
    public async ValueTask<(long At, ulong Entry)> ReadL1Async(
        long offset, CancellationToken cancellationToken)
    {
        long at = files.Header.L1Offset + ((offset >> _geometry.L2ReachBits) * 8);
        return (at, await ReadWordAsync(at, cancellationToken).ConfigureAwait(false));
    }

    private async ValueTask<L2Entry> ReadEntryAsync(long at, CancellationToken cancellationToken)
    {
        ulong word = await ReadWordAsync(at, cancellationToken).ConfigureAwait(false);
        ulong bits = _geometry.IsExtended
            ? await ReadWordAsync(at + 8, cancellationToken).ConfigureAwait(false)
            : 0;
        return new L2Entry(at, word, bits);
    }

    private async ValueTask<long> AddTableAsync(long old, CancellationToken cancellationToken)
    {
        (long table, bool isZero) = await space.TakeAsync(cancellationToken).ConfigureAwait(false);
        byte[] sector = new byte[TablePage.SectorSize];
        for (int at = 0; at < _geometry.ClusterSize && !(isZero && old == 0); at += sector.Length)
        {
            if (old != 0)
            {
                TablePage page = await files.Tables.GetAsync(old + at, cancellationToken)
                    .ConfigureAwait(false);
                page.Bytes.AsSpan((int)(old + at - page.Offset), sector.Length).CopyTo(sector);
            }

            await files.Tables.WriteAsync(table + at, sector, Qcow2Ranks.L2, cancellationToken)
                .ConfigureAwait(false);
        }

        await space.CountAsync(table, cancellationToken).ConfigureAwait(false);
        return table;
    }

    private ValueTask WriteBitsAsync(
        L2Entry old, ulong bits, CancellationToken cancellationToken) => _geometry.IsExtended
        ? WriteWordAsync(old.Offset + 8, bits, Qcow2Ranks.L2, cancellationToken)
        : default;

    private async ValueTask<ulong> ReadWordAsync(long at, CancellationToken cancellationToken)
    {
        TablePage page = await files.Tables.GetAsync(at, cancellationToken).ConfigureAwait(false);
        return page.ReadUInt64BigEndian((int)(at - page.Offset));
    }

    private ValueTask WriteWordAsync(
        long at, ulong word, int rank, CancellationToken cancellationToken)
    {
        BinaryPrimitives.WriteUInt64BigEndian(_word, word);
        return files.Tables.WriteAsync(at, _word, rank, cancellationToken);
    }
}
