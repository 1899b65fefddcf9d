using System.Buffers.Binary;
using System.Collections;
using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Cloop.CloopConstants;

namespace VMSeed.Disks.Formats.Cloop;

// A block lies from its own offset to the next. Two kinds of images bend that:
// * mkuzip stores nothing for a block of zeros: it begins where the next one does.
// * mkuzip -d stores equal blocks once: a later block has the offset of the earlier. Offsets then
//   fall, a block's end is no longer the next entry, and two neighbours with one offset are zeros
//   only when that offset is the end of all that was stored before them. So the index of such an
//   image is walked once, and a bit for each block says whether it is zeros; ends are not needed,
//   because every codec knows its own.

/// <summary>The offsets of all blocks, a page in memory at a time.</summary>
internal sealed class CloopIndex
{
    private readonly CloopHeader _header;
    private readonly TablePages _pages;
    private readonly int _greatest;
    private BitArray? _zeros;

    private CloopIndex(BlockDevice file, CloopHeader header, long cacheBytes)
    {
        _header = header;
        _pages = new TablePages(file, cacheBytes);
        _greatest = GreatestPackedSize(header.BlockSize);
    }

    public static async ValueTask<CloopIndex> OpenAsync(
        BlockDevice file,
        CloopHeader header,
        long cacheBytes,
        CancellationToken cancellationToken)
    {
        var index = new CloopIndex(file, header, cacheBytes);
        if (header.Version.HasReferences)
        {
            index._zeros = await index.FindZerosAsync(cancellationToken).ConfigureAwait(false);
        }

        return index;
    }

    /// <summary>Where a block lies, by what is in memory of the index.</summary>
    /// <exception cref="DiskFormatException">Outside of the file, or in an order that no block can
    /// have.</exception>
    public bool TryGet(long block, out CloopBlock found, out PageMiss miss)
    {
        if (!TryRead(block, out ulong entry, out miss)
            || !TryRead(block + 1, out ulong next, out miss))
        {
            found = default;
            return false;
        }

        found = ToBlock(block, entry, next);
        return true;
    }

    /// <summary>Where a block lies.</summary>
    /// <exception cref="DiskFormatException">As of <see cref="TryGet"/>.</exception>
    public async ValueTask<CloopBlock> GetAsync(long block, CancellationToken cancellationToken)
    {
        CloopBlock found;
        while (!TryGet(block, out found, out PageMiss miss))
        {
            await miss.LoadAsync(cancellationToken).ConfigureAwait(false);
        }

        return found;
    }

    /// <summary>How many blocks after this one have their entries in memory when it
    /// has.</summary>
    public int Beside(long block)
    {
        long end = _header.IndexOffset + ((block + 2) * EntrySize);
        return (int)((TablePage.Size - (end % TablePage.Size)) / EntrySize);
    }

    private CloopBlock ToBlock(long block, ulong entry, ulong next)
    {
        var (offset, codec) = Split(entry);
        long end = Split(next).Offset;
        if (offset < _header.DataOffset || offset > _header.DataEnd)
        {
            throw DiskFormatException.Corrupt(
                $"Block {block} of the cloop image begins at {offset}; blocks lie from "
                + $"{_header.DataOffset} to {_header.DataEnd}.");
        }

        int reach = (int)Math.Min(_greatest, _header.DataEnd - offset);
        if (_zeros is not null)
        {
            return new CloopBlock(offset, _zeros[(int)block] ? 0 : reach, codec);
        }

        return end >= offset && end <= _header.DataEnd
            ? new CloopBlock(offset, (int)Math.Min(reach, end - offset), codec)
            : throw DiskFormatException.Corrupt(
                $"Block {block} of the cloop image lies from {offset} to {end}; the image has no "
                + $"references to earlier blocks, and its blocks end at {_header.DataEnd}.");
    }

    private (long Offset, CloopCodec Codec) Split(ulong entry)
    {
        if (_header.Version.HasCodecs)
        {
            long offset = (long)(entry & ((1UL << CodecShift) - 1));
            return (offset, (CloopCodec)(entry >> CodecShift));
        }

        long plain = entry <= long.MaxValue ? (long)entry : long.MaxValue;
        return (plain, _header.Version.IsZstd ? CloopCodec.Zstd : CloopCodec.Zlib);
    }

    // Where the header is last, entries may lie across the border of two pages.
    private bool TryRead(long block, out ulong entry, out PageMiss miss)
    {
        entry = 0;
        long offset = _header.IndexOffset + (block * EntrySize);
        if (!_pages.TryGet(offset, out TablePage? page, out miss))
        {
            return false;
        }

        int at = (int)(offset - page.Offset);
        if (at <= TablePage.Size - EntrySize)
        {
            entry = page.ReadUInt64BigEndian(at);
            return true;
        }

        if (!_pages.TryGet(offset + EntrySize, out TablePage? next, out miss))
        {
            return false;
        }

        entry = Join(page.Bytes.AsSpan(at), next.Bytes);
        return true;
    }

    private static ulong Join(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail)
    {
        Span<byte> entry = stackalloc byte[EntrySize];
        head.CopyTo(entry);
        tail[..(EntrySize - head.Length)].CopyTo(entry[head.Length..]);
        return BinaryPrimitives.ReadUInt64BigEndian(entry);
    }

    // As geom_uzip reads it: what begins before the end of all that was stored so far refers to an
    // earlier block; of the others, one that begins where the next of them begins is zeros.
    private async ValueTask<BitArray> FindZerosAsync(CancellationToken cancellationToken)
    {
        var zeros = new BitArray(_header.BlockCount);
        int pending = -1;
        long end = -1;
        for (int block = 0; block <= _header.BlockCount; block++)
        {
            ulong entry;
            while (!TryRead(block, out entry, out PageMiss miss))
            {
                await miss.LoadAsync(cancellationToken).ConfigureAwait(false);
            }

            long offset = Split(entry).Offset;
            if (offset < end)
            {
                continue;
            }

            if (pending >= 0)
            {
                zeros[pending] = offset == end;
            }

            (pending, end) = (block, offset);
        }

        return zeros;
    }
}
