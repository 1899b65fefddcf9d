using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using VMSeed.Disks.Binary;
using static VMSeed.Disks.Formats.Vdi.VdiConstants;

namespace VMSeed.Disks.Formats.Vdi;

/// <summary>The header of a VDI, version 1.1.</summary>
internal sealed record VdiHeader
{
    public required uint Type { get; init; }

    public required long MapOffset { get; init; }

    public required long DataOffset { get; init; }

    public required long DiskSize { get; init; }

    public required int BlockSize { get; init; }

    public int BlockExtra { get; init; }

    public required int BlockCount { get; init; }

    public int Allocated { get; init; }

    public required Guid CreateId { get; init; }

    public required Guid ModifyId { get; init; }

    public Guid LinkageId { get; init; }

    public Guid ParentModifyId { get; init; }

    /// <summary>What people, or programs, have noted; at most 255 bytes of UTF-8.</summary>
    public string Comment { get; init; } = string.Empty;

    /// <summary>Whether the image lies over another.</summary>
    public bool HasParent => Type is Undo or Differencing;

    /// <summary>Bytes from one block to the next.</summary>
    public long Stride => (long)BlockSize + BlockExtra;

    /// <summary>Where the data of the block with a number begins.</summary>
    public long PlaceOf(uint number) => DataOffset + (number * Stride) + BlockExtra;

    /// <summary>The number of the block whose data begins there.</summary>
    public uint NumberOf(long place) => (uint)((place - DataOffset) / Stride);

    /// <summary>Reads a header and holds it to the file.</summary>
    /// <exception cref="DiskFormatException">It contradicts itself, or is of another
    /// version.</exception>
    public static VdiHeader Parse(ReadOnlySpan<byte> bytes, long fileLength)
    {
        if (bytes.Length < HeaderLength || UInt32(bytes, SignatureOffset) != Signature)
        {
            throw DiskFormatException.Corrupt("The file is too short for the header of a VDI.");
        }

        uint version = UInt32(bytes, VersionOffset);
        if (version != Version11)
        {
            throw DiskFormatException.Unsupported(
                $"The VDI has version {version >> 16}.{version & 0xFFFF}; 1.1 is read."
                + (version == Version0
                    ? " VirtualBox makes it newer: VBoxManage clonemedium."
                    : string.Empty));
        }

        var header = new VdiHeader
        {
            Type = UInt32(bytes, TypeOffset),
            MapOffset = UInt32(bytes, MapOffsetOffset),
            DataOffset = UInt32(bytes, DataOffsetOffset),
            DiskSize = BinaryPrimitives.ReadInt64LittleEndian(bytes[DiskSizeOffset..]),
            BlockSize = Int32(bytes, BlockSizeOffset),
            BlockExtra = Int32(bytes, BlockExtraOffset),
            BlockCount = Int32(bytes, BlockCountOffset),
            Allocated = Int32(bytes, AllocatedOffset),
            CreateId = new Guid(bytes.Slice(CreateIdOffset, 16)),
            ModifyId = new Guid(bytes.Slice(ModifyIdOffset, 16)),
            Comment = Text(bytes.Slice(CommentOffset, CommentLength)),
            LinkageId = new Guid(bytes.Slice(LinkageIdOffset, 16)),
            ParentModifyId = new Guid(bytes.Slice(ParentModifyIdOffset, 16)),
        };
        header.Check(fileLength);
        return header;
    }

    /// <summary>Writes the header as VirtualBox does.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[HeaderLength];
        Encoding.ASCII.GetBytes("<<< Oracle VM VirtualBox Disk Image >>>\n", bytes);
        Put(bytes, SignatureOffset, Signature);
        Put(bytes, VersionOffset, Version11);
        Put(bytes, HeaderSizeOffset, HeaderSize);
        Put(bytes, TypeOffset, Type);
        Encoding.UTF8.GetBytes(Comment, bytes.AsSpan(CommentOffset, CommentLength - 1));
        Put(bytes, MapOffsetOffset, (uint)MapOffset);
        Put(bytes, DataOffsetOffset, (uint)DataOffset);
        Put(bytes, LegacySectorSizeOffset, 512);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(DiskSizeOffset), DiskSize);
        Put(bytes, BlockSizeOffset, (uint)BlockSize);
        Put(bytes, BlockExtraOffset, (uint)BlockExtra);
        Put(bytes, BlockCountOffset, (uint)BlockCount);
        Put(bytes, AllocatedOffset, (uint)Allocated);
        CreateId.TryWriteBytes(bytes.AsSpan(CreateIdOffset));
        ModifyId.TryWriteBytes(bytes.AsSpan(ModifyIdOffset));
        LinkageId.TryWriteBytes(bytes.AsSpan(LinkageIdOffset));
        ParentModifyId.TryWriteBytes(bytes.AsSpan(ParentModifyIdOffset));
        Put(bytes, GeometrySectorSizeOffset, 512);
        return bytes;
    }

    private void Check(long fileLength)
    {
        Require(Type is >= Dynamic and <= Differencing, $"its type is {Type}, not 1 to 4");
        Require(
            BitOperations.IsPow2(BlockSize)
                && BlockSize is >= LeastBlockSize and <= GreatestBlockSize,
            $"its block size is {BlockSize}, not a power of two from {LeastBlockSize} to "
            + $"{GreatestBlockSize}");
        Require(DiskSize >= 0, $"its disk has {DiskSize} bytes");
        Require(
            BlockExtra >= 0 && BlockExtra <= BlockSize, $"a block has {BlockExtra} extra bytes");
        Require(
            BlockCount >= 0 && (long)BlockCount * BlockSize >= DiskSize,
            $"its map has {BlockCount} blocks of {BlockSize} bytes for {DiskSize} bytes");
        Require(
            MapOffset >= HeaderLength && MapOffset % 512 == 0
                && MapOffset + (4L * BlockCount) <= fileLength,
            $"its map of {BlockCount} blocks at {MapOffset} does not fit a file of {fileLength} "
            + "bytes");
        Require(
            DataOffset % 512 == 0 && DataOffset >= MapOffset + (4L * BlockCount),
            $"its data begins at {DataOffset}, within the map");
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw DiskFormatException.Corrupt($"The header of the VDI is wrong: {otherwise}.");
        }
    }

    private static string Text(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }

    private static uint UInt32(ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static int Int32(ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadInt32LittleEndian(bytes[at..]);

    private static void Put(Span<byte> bytes, int at, uint value) =>
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[at..], value);
}
