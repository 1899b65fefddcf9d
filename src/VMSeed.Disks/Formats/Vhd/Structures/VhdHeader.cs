using System.Numerics;
using System.Text;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vhd.Structures.VhdConstants;

namespace VMSeed.Disks.Formats.Vhd.Structures;

/// <summary>The header of a growing VHD: where its table lies, and who its parent is.</summary>
internal sealed class VhdHeader
{
    private readonly byte[] _bytes;

    private VhdHeader(byte[] bytes) => _bytes = bytes;

    public ReadOnlyMemory<byte> Bytes => _bytes;

    public long TableOffset => VhdBytes.Int64(_bytes, TableOffsetOffset);

    /// <summary>Entries of the table; the disk may need fewer.</summary>
    public long EntryCount => VhdBytes.UInt32(_bytes, EntryCountOffset);

    public int BlockSize => (int)VhdBytes.UInt32(_bytes, BlockSizeOffset);

    public Guid ParentId => VhdBytes.Id(_bytes, ParentIdOffset);

    /// <summary>Bytes of the bitmap before each block: a bit a sector, in whole
    /// sectors.</summary>
    public int BitmapLength => (int)FileTail.Align(BlockSize / SectorSize / 8, SectorSize);

    /// <summary>Bytes of a block with its bitmap.</summary>
    public long Stride => BitmapLength + (long)BlockSize;

    /// <summary>The parent's name as the header has it; empty without one.</summary>
    public string ParentName =>
        VhdLocator.Text(
            _bytes.AsSpan(ParentNameOffset, ParentNameLength), Encoding.BigEndianUnicode);

    /// <summary>One of the places that may name the parent.</summary>
    public VhdLocator Locator(int index) => VhdLocator.Parse(_bytes.AsSpan(
        LocatorsOffset + (index * VhdLocator.EntryLength), VhdLocator.EntryLength));

    /// <summary>Reads a header and holds it to its file and its footer.</summary>
    /// <exception cref="DiskFormatException">It contradicts itself or them.</exception>
    public static VhdHeader Parse(ReadOnlySpan<byte> bytes, long diskSize, long fileLength)
    {
        Require(bytes.StartsWith(HeaderCookie), "it does not begin with \"cxsparse\"");
        Require(
            VhdBytes.Checksum(bytes, HeaderChecksumOffset)
                == VhdBytes.UInt32(bytes, HeaderChecksumOffset),
            "its checksum does not hold");
        uint version = VhdBytes.UInt32(bytes, HeaderVersionOffset);
        if (version >> 16 != Version1 >> 16)
        {
            throw DiskFormatException.Unsupported(
                $"The VHD's header has version {version >> 16}.{version & 0xFFFF}; 1.0 is read.");
        }

        uint blockSize = VhdBytes.UInt32(bytes, BlockSizeOffset);
        Require(
            BitOperations.IsPow2(blockSize)
                && blockSize is >= LeastBlockSize and <= GreatestBlockSize,
            $"its block size is {blockSize}, not a power of two from {LeastBlockSize} to "
            + $"{GreatestBlockSize}");
        VhdHeader header = new(bytes[..HeaderLength].ToArray());
        header.CheckTable(diskSize, fileLength);
        return header;
    }

    /// <summary>The header of a new image.</summary>
    public static VhdHeader New(long tableOffset, long entryCount, int blockSize)
    {
        byte[] bytes = new byte[HeaderLength];
        HeaderCookie.CopyTo(bytes);
        VhdBytes.Put(bytes, NextStructureOffset, -1L);
        VhdBytes.Put(bytes, HeaderVersionOffset, Version1);
        VhdBytes.Put(bytes, BlockSizeOffset, (uint)blockSize);
        return new VhdHeader(bytes).WithTable(tableOffset, entryCount);
    }

    /// <summary>The same header with its table elsewhere, or longer.</summary>
    public VhdHeader WithTable(long offset, long entryCount) => With(bytes =>
    {
        VhdBytes.Put(bytes, TableOffsetOffset, offset);
        VhdBytes.Put(bytes, EntryCountOffset, (uint)entryCount);
    });

    /// <summary>The same header over a parent.</summary>
    /// <param name="id">The parent's identifier; empty where it has none.</param>
    /// <param name="name">Its name; cut where it is longer than the field.</param>
    /// <param name="locators">Where else its name is written.</param>
    public VhdHeader WithParent(Guid id, string name, IReadOnlyList<VhdLocator> locators) =>
        With(bytes =>
        {
            VhdBytes.Put(bytes, ParentIdOffset, id);
            Span<byte> field = bytes.AsSpan(ParentNameOffset, ParentNameLength);
            field.Clear();
            Encoding.BigEndianUnicode.GetBytes(
                name.AsSpan(0, Math.Min(name.Length, ParentNameLength / 2)), field);
            bytes.AsSpan(LocatorsOffset, VhdLocator.Count * VhdLocator.EntryLength).Clear();
            for (int i = 0; i < locators.Count; i++)
            {
                locators[i].CopyTo(bytes.AsSpan(LocatorsOffset + (i * VhdLocator.EntryLength)));
            }
        });

    private VhdHeader With(Action<byte[]> change)
    {
        byte[] bytes = [.. _bytes];
        change(bytes);
        VhdBytes.Put(
            bytes, HeaderChecksumOffset, VhdBytes.Checksum(bytes, HeaderChecksumOffset));
        return new VhdHeader(bytes);
    }

    private void CheckTable(long diskSize, long fileLength)
    {
        Require(
            EntryCount * BlockSize >= diskSize,
            $"its table has {EntryCount} blocks of {BlockSize} bytes for {diskSize} bytes");
        Require(
            TableOffset >= FooterLength && TableOffset % SectorSize == 0
                && TableOffset <= fileLength - (EntryCount * sizeof(uint)),
            $"its table of {EntryCount} entries at {TableOffset} does not fit a file of "
            + $"{fileLength} bytes");
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw DiskFormatException.Corrupt($"The header of the VHD is wrong: {otherwise}.");
        }
    }
}
