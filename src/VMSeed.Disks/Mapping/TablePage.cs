using System.Buffers.Binary;

namespace VMSeed.Disks.Mapping;

/// <summary>4 KiB of a file's tables, in memory.</summary>
/// <remarks>
/// Entries are aligned to their size, so that a reader beside a writer sees an entry old or new.
/// Only sectors that were changed are ever written back: what else lies in the page may be data,
/// and newer on the disk.
/// </remarks>
internal sealed class TablePage(long offset)
{
    public const int Size = 4096;
    public const int SectorSize = 512;

    private const int Sectors = Size / SectorSize;

    // 0: clean; else the rank in which it is written, plus one.
    private readonly byte[] _ranks = new byte[Sectors];

    /// <summary>Where the page lies in its file.</summary>
    public long Offset { get; } = offset;

    /// <summary>Pages before it.</summary>
    public long Number { get; } = offset / Size;

    public byte[] Bytes { get; } = new byte[Size];

    /// <summary>Whether somebody has asked for it lately.</summary>
    public bool IsUsed { get; set; } = true;

    /// <summary>Sectors that differ from the file.</summary>
    public int DirtySectors { get; private set; }

    public uint ReadUInt32LittleEndian(int at) =>
        BinaryPrimitives.ReadUInt32LittleEndian(Bytes.AsSpan(at));

    public uint ReadUInt32BigEndian(int at) =>
        BinaryPrimitives.ReadUInt32BigEndian(Bytes.AsSpan(at));

    public ulong ReadUInt64LittleEndian(int at) =>
        BinaryPrimitives.ReadUInt64LittleEndian(Bytes.AsSpan(at));

    public ulong ReadUInt64BigEndian(int at) =>
        BinaryPrimitives.ReadUInt64BigEndian(Bytes.AsSpan(at));

    /// <summary>Marks sectors as changed. A sector that belongs to two ranks is written in the
    /// later one.</summary>
    public void Touch(int at, int length, int rank)
    {
        for (int sector = at / SectorSize; sector <= (at + length - 1) / SectorSize; sector++)
        {
            DirtySectors += _ranks[sector] == 0 ? 1 : 0;
            _ranks[sector] = Math.Max(_ranks[sector], (byte)(rank + 1));
        }
    }

    /// <summary>The next run of changed sectors of a rank.</summary>
    /// <returns>The number of sectors; 0 when there is none from here on.</returns>
    public int NextDirty(int rank, ref int sector)
    {
        while (sector < Sectors && _ranks[sector] != rank + 1)
        {
            sector++;
        }

        int end = sector;
        while (end < Sectors && _ranks[end] == rank + 1)
        {
            end++;
        }

        return end - sector;
    }

    /// <summary>The latest rank of its changes.</summary>
    public int Rank => _ranks.Max() - 1;

    /// <summary>The sectors are in the file.</summary>
    public void Clean(int sector, int count)
    {
        Array.Clear(_ranks, sector, count);
        DirtySectors -= count;
    }

    /// <summary>The whole page is in the file.</summary>
    public void Clean()
    {
        Array.Clear(_ranks);
        DirtySectors = 0;
    }
}
