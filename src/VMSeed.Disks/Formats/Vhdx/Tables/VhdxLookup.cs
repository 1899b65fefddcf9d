using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vhdx.VhdxConstants;

namespace VMSeed.Disks.Formats.Vhdx.Tables;

/// <summary>Finds what lies at an offset of the disk, by the tables.</summary>
/// <param name="file">The file.</param>
/// <param name="tables">Its tables.</param>
/// <param name="geometry">Where the tables lie.</param>
internal sealed class VhdxLookup(BlockDevice file, TablePages tables, VhdxGeometry geometry)
{
    private volatile VhdxGeometry _geometry = geometry;

    /// <summary>Replaced as a whole when the disk grows: a look-up that has begun goes on with the
    /// old one, whose entries stay where they are.</summary>
    public VhdxGeometry Geometry
    {
        get => _geometry;
        set => _geometry = value;
    }

    /// <inheritdoc cref="DiskMap.TryMap"/>
    public bool TryMap(long offset, long length, out Run run, out PageMiss miss)
    {
        VhdxGeometry at = _geometry;
        long entryAt = at.EntryOffset(offset >> at.BlockBits);
        if (!tables.TryGet(entryAt, out TablePage? page, out miss))
        {
            run = default;
            return false;
        }

        BatEntry first = EntryIn(page, entryAt);
        if (at.HasParent && first.State == BlockState.Partial)
        {
            length = Math.Min(length, at.BlockSize - at.Within(offset));
            return TryMapPartial(at, first, offset, length, out run, out miss);
        }

        run = Walk(at, page, first, offset, length);
        return true;
    }

    /// <summary>The entry at an offset of the file.</summary>
    public async ValueTask<BatEntry> EntryAsync(long at, CancellationToken cancellationToken)
    {
        TablePage page = await tables.GetAsync(at, cancellationToken).ConfigureAwait(false);
        return EntryIn(page, at);
    }

    /// <summary>Copies bytes of a table.</summary>
    public async ValueTask CopyAsync(
        long offset, Memory<byte> target, CancellationToken cancellationToken)
    {
        while (!target.IsEmpty)
        {
            TablePage page = await tables.GetAsync(offset, cancellationToken)
                .ConfigureAwait(false);
            int at = (int)(offset - page.Offset);
            int count = Math.Min(target.Length, TablePage.Size - at);
            page.Bytes.AsMemory(at, count).CopyTo(target);
            target = target[count..];
            offset += count;
        }
    }

    private static BatEntry EntryIn(TablePage page, long at) =>
        new(page.ReadUInt64LittleEndian((int)(at - page.Offset)));

    // As far as neighbours lie side by side, or lie nowhere together, within a page of the table.
    private Run Walk(
        VhdxGeometry at, TablePage page, BatEntry first, long offset, long length)
    {
        long block = offset >> at.BlockBits;
        int start = at.Within(offset);
        RunKind kind = KindOf(at, first.State);
        long reach = at.BlockSize - start;
        long next = first.Offset;
        for (; reach < length; reach += at.BlockSize)
        {
            block++;
            next += at.BlockSize;
            long entryAt = at.EntryOffset(block);
            if (entryAt - page.Offset >= TablePage.Size)
            {
                break;
            }

            BatEntry entry = EntryIn(page, entryAt);
            if (KindOf(at, entry.State) != kind
                || (kind == RunKind.Data && (entry.Offset != next
                    || (at.HasParent && entry.State == BlockState.Partial))))
            {
                break;
            }
        }

        length = Math.Min(reach, length);
        return kind == RunKind.Data
            ? ToData(first.Offset, start, length)
            : new Run(kind, length);
    }

    // Disks without a parent have blocks in the state "partially present" where some writers took
    // it for "present".
    private static RunKind KindOf(VhdxGeometry at, BlockState state) => state switch
    {
        BlockState.Present or BlockState.Partial => RunKind.Data,
        BlockState.NotPresent when at.HasParent => RunKind.Parent,
        <= BlockState.Unmapped => RunKind.Zero,
        _ => throw DiskFormatException.Corrupt(
            $"The table of the VHDX has a block in the state {(int)state}, which does not exist."),
    };

    private bool TryMapPartial(
        VhdxGeometry at,
        BatEntry block,
        long offset,
        long length,
        out Run run,
        out PageMiss miss)
    {
        run = default;
        long chunk = at.ChunkOf(offset >> at.BlockBits);
        if (!tables.TryGet(at.BitmapEntryOffset(chunk), out TablePage? page, out miss))
        {
            return false;
        }

        long bits = BitsOffset(at, page, offset);
        if (!tables.TryGet(bits, out TablePage? bitmap, out miss))
        {
            return false;
        }

        run = WalkBits(at, block, bitmap, bits, offset, length);
        return true;
    }

    // The byte of the file that has the bit of an offset's sector.
    private long BitsOffset(VhdxGeometry at, TablePage page, long offset)
    {
        long block = offset >> at.BlockBits;
        BatEntry bitmap = EntryIn(page, at.BitmapEntryOffset(at.ChunkOf(block)));
        if (bitmap.State != BlockState.Present || bitmap.Offset < HeaderSectionLength
            || bitmap.Offset + BitmapBlockLength > file.Length)
        {
            throw DiskFormatException.Corrupt(
                $"The VHDX has block {block} in part, and no sector bitmap for it.");
        }

        return bitmap.Offset + at.BitOffset(offset) / 8;
    }

    private Run WalkBits(
        VhdxGeometry at, BatEntry block, TablePage page, long bits, long offset, long length)
    {
        int from = ((int)(bits - page.Offset) * 8) + (int)(at.BitOffset(offset) % 8);
        int start = at.Within(offset);
        int inSector = start % at.SectorSize;
        long sectors = (inSector + length + at.SectorSize - 1) / at.SectorSize;
        int to = (int)Math.Min(from + sectors, TablePage.Size * 8);
        bool isHere = SectorBits.IsSet(page.Bytes, from);
        int end = SectorBits.EndOfRun(page.Bytes, from, to, isHere);
        length = Math.Min(length, ((long)(end - from) * at.SectorSize) - inSector);
        return isHere ? ToData(block.Offset, start, length) : Run.Parent(length);
    }

    // A file may end within its last block; QEMU leaves such files, and reads zeros there.
    private Run ToData(long block, int start, long length)
    {
        long there = file.Length - block;
        if (block < HeaderSectionLength || there <= 0)
        {
            throw DiskFormatException.Corrupt(
                $"The VHDX has a block at {block}; blocks lie from {HeaderSectionLength} on within "
                + $"{file.Length} bytes.");
        }

        return there <= start
            ? Run.Zero(length)
            : Run.Data(file, block + start, Math.Min(length, there - start));
    }
}
