using System.Buffers.Binary;
using VMSeed.Blocks;

namespace VMSeed.Disks.Tests.Harness;

/// <summary>Header and table of a <see cref="ToyDisk"/>: one sector with the disk's length, then an
/// entry of four bytes a block, the number of a block of the file or 0.</summary>
internal sealed class ToyTable(BlockDevice file)
{
    internal const int BlockSize = 4096;
    internal const int FirstData = 1 + (Entries * 4 / BlockSize);

    private const int Entries = 4096;
    private const int Sector = 512;

    private readonly byte[] _bytes = new byte[FirstData * BlockSize];
    private readonly HashSet<int> _dirty = [];

    internal long Length
    {
        get => BinaryPrimitives.ReadInt64LittleEndian(_bytes);
        set
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, (long)Entries * BlockSize);
            BinaryPrimitives.WriteInt64LittleEndian(_bytes, value);
            _dirty.Add(0);
        }
    }

    internal int this[long block]
    {
        get => BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(At(block)));
        set
        {
            BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(At(block)), value);
            _dirty.Add(At(block) / Sector);
        }
    }

    internal async Task LoadAsync()
    {
        await file.ReadAsync(0, _bytes);
        int[] used = [.. Used()];
        if (used.Distinct().Count() != used.Length
            || used.Any(block => block < FirstData || (block + 1L) * BlockSize > file.Length))
        {
            throw new IOException("The table points outside the file, or to a block twice.");
        }
    }

    internal IEnumerable<int> Used() =>
        Enumerable.Range(0, Entries).Select(block => this[block]).Where(block => block != 0);

    internal async Task StoreAsync()
    {
        foreach (int sector in _dirty)
        {
            await file.WriteAsync(sector * Sector, _bytes.AsMemory(sector * Sector, Sector));
        }

        _dirty.Clear();
    }

    private static int At(long block) => BlockSize + (int)(block * 4);
}
