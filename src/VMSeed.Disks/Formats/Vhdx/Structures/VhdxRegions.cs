using System.Buffers.Binary;
using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using static VMSeed.Disks.Formats.Vhdx.VhdxConstants;

namespace VMSeed.Disks.Formats.Vhdx.Structures;

/// <summary>The region table (2.2.3), of which the file has two copies.</summary>
internal sealed class VhdxRegions
{
    private const int CountOffset = 8;
    private const int HeadLength = 16;
    private const int EntryLength = 32;

    private VhdxRegions(IReadOnlyList<VhdxRegion> all, int copies)
    {
        All = all;
        Copies = copies;
        Bat = Find(BatRegion);
        Metadata = Find(MetadataRegion);
    }

    public IReadOnlyList<VhdxRegion> All { get; }

    /// <summary>How many copies of the table are whole and the same.</summary>
    public int Copies { get; }

    public VhdxRegion Bat { get; }

    public VhdxRegion Metadata { get; }

    /// <summary>Reads the first copy, or the second where the first is damaged.</summary>
    /// <exception cref="DiskFormatException">Neither is whole, or regions lie where they
    /// cannot.</exception>
    public static async ValueTask<VhdxRegions> ReadAsync(
        BlockDevice file, VhdxRegion log, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[2 * RegionTableLength];
        await file.ReadAsync(FirstRegionTableOffset, bytes, cancellationToken)
            .ConfigureAwait(false);
        Memory<byte> first = bytes.AsMemory(0, RegionTableLength);
        Memory<byte> second = bytes.AsMemory(RegionTableLength);
        if (!IsWhole(first.Span) && !IsWhole(second.Span))
        {
            throw DiskFormatException.Corrupt("Both region tables of the VHDX are damaged.");
        }

        bool areSame = first.Span.SequenceEqual(second.Span);
        ReadOnlyMemory<byte> good = IsWhole(first.Span) ? first : second;
        var regions = new VhdxRegions(Parse(good.Span), areSame ? 2 : 1);
        regions.Check(file.Length, log);
        return regions;
    }

    /// <summary>A table of 64 KiB.</summary>
    public static byte[] ToBytes(IReadOnlyList<VhdxRegion> regions)
    {
        byte[] bytes = new byte[RegionTableLength];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, RegionSignature);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(CountOffset), regions.Count);
        for (int i = 0; i < regions.Count; i++)
        {
            Span<byte> entry = bytes.AsSpan(HeadLength + (i * EntryLength), EntryLength);
            regions[i].Id.TryWriteBytes(entry);
            BinaryPrimitives.WriteInt64LittleEndian(entry[16..], regions[i].Offset);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[24..], (uint)regions[i].Length);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[28..], regions[i].IsRequired ? 1u : 0);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(
            bytes.AsSpan(VhdxChecksum.Offset), VhdxChecksum.Of(bytes));
        return bytes;
    }

    private static bool IsWhole(ReadOnlySpan<byte> table) =>
        BinaryPrimitives.ReadUInt32LittleEndian(table) == RegionSignature
        && BinaryPrimitives.ReadUInt32LittleEndian(table[VhdxChecksum.Offset..])
            == VhdxChecksum.Of(table)
        && BinaryPrimitives.ReadUInt32LittleEndian(table[CountOffset..]) <= GreatestTableCount;

    private static VhdxRegion[] Parse(ReadOnlySpan<byte> table)
    {
        var regions = new VhdxRegion[BinaryPrimitives.ReadInt32LittleEndian(table[CountOffset..])];
        for (int i = 0; i < regions.Length; i++)
        {
            ReadOnlySpan<byte> entry = table.Slice(HeadLength + (i * EntryLength), EntryLength);
            regions[i] = new VhdxRegion(
                new Guid(entry[..16]),
                (long)Math.Min(
                    GreatestFileLength, BinaryPrimitives.ReadUInt64LittleEndian(entry[16..])),
                BinaryPrimitives.ReadUInt32LittleEndian(entry[24..]),
                (BinaryPrimitives.ReadUInt32LittleEndian(entry[28..]) & 1) != 0);
        }

        return regions;
    }

    private VhdxRegion Find(Guid id)
    {
        VhdxRegion[] found = [.. All.Where(region => region.Id == id)];
        return found.Length == 1
            ? found[0]
            : throw DiskFormatException.Corrupt(
                $"The VHDX has {found.Length} regions {id}; it must have one.");
    }

    private void Check(long fileLength, VhdxRegion log)
    {
        long end = HeaderSectionLength;
        foreach (VhdxRegion region in All.Append(log).OrderBy(region => region.Offset))
        {
            if (region.IsRequired && region.Id != BatRegion && region.Id != MetadataRegion)
            {
                throw DiskFormatException.Unsupported(
                    $"The VHDX requires the region {region.Id}, which is not known here.");
            }

            if (region.Offset % MiB != 0 || region.Offset < end || region.End > fileLength)
            {
                throw DiskFormatException.Corrupt(
                    $"The region {region.Id} of the VHDX has {region.Length} bytes at "
                    + $"{region.Offset}; it must begin at a multiple of {MiB} from {end} on and "
                    + $"lie within {fileLength} bytes.");
            }

            end = region.End;
        }
    }
}
