using System.Buffers.Binary;
using System.Numerics;

namespace VMSeed.Blocks.Caching.Layout;

/// <summary>The first unit of a store: what the rest is.</summary>
/// <param name="Id">Random; a store that is begun anew has another, and no entry of the old one
/// counts.</param>
/// <param name="Geometry">Where things lie.</param>
/// <param name="Created">When the store was begun.</param>
internal sealed record Superblock(Guid Id, StoreGeometry Geometry, DateTimeOffset Created)
{
    /// <summary>The layout's version. Another one's store is dropped, never converted: it is a
    /// cache.</summary>
    public const uint Version = 2;

    private const ulong Magic = 0x4548434144_4d56; // "VMDACHE", little-endian
    private const int VersionAt = 8;
    private const int UnitBytesAt = 12;
    private const int IdAt = 16;
    private const int UnitsAt = 32;
    private const int BasePagesAt = 40;
    private const int MaxLevelAt = 44;
    private const int LevelAt = 45;
    private const int CreatedAt = 48;
    private const int CheckAt = 56;

    /// <summary>What the entries' checksums begin with.</summary>
    public uint Salt => Check(Id.ToByteArray());

    /// <summary>Reads a superblock.</summary>
    /// <param name="unit">The store's first unit.</param>
    /// <returns>The superblock; null when it is damaged, of another version, or not
    /// there.</returns>
    public static Superblock? TryParse(ReadOnlySpan<byte> unit)
    {
        int unitBytes = BinaryPrimitives.ReadInt32LittleEndian(unit[UnitBytesAt..]);
        bool known = BinaryPrimitives.ReadUInt64LittleEndian(unit) == Magic
            && BinaryPrimitives.ReadUInt32LittleEndian(unit[VersionAt..]) == Version
            && unitBytes == StoreGeometry.UnitBytes
            && BinaryPrimitives.ReadUInt32LittleEndian(unit[CheckAt..]) == Check(unit[..CheckAt]);
        if (!known)
        {
            return null;
        }

        StoreGeometry geometry = new(
            BinaryPrimitives.ReadInt64LittleEndian(unit[UnitsAt..]),
            BinaryPrimitives.ReadInt32LittleEndian(unit[BasePagesAt..]),
            unit[MaxLevelAt],
            unit[LevelAt]);
        long created = BinaryPrimitives.ReadInt64LittleEndian(unit[CreatedAt..]);
        long latest = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();
        return geometry.IsSound() && created >= 0 && created <= latest
            ? new(
                new Guid(unit[IdAt..UnitsAt]),
                geometry,
                DateTimeOffset.FromUnixTimeMilliseconds(created))
            : null;
    }

    /// <summary>The bytes of the store's first unit.</summary>
    /// <returns>A whole unit.</returns>
    public byte[] ToBytes()
    {
        byte[] unit = new byte[StoreGeometry.UnitBytes];
        Span<byte> span = unit;
        BinaryPrimitives.WriteUInt64LittleEndian(span, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(span[VersionAt..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(span[UnitBytesAt..], StoreGeometry.UnitBytes);
        _ = Id.TryWriteBytes(span[IdAt..]);
        BinaryPrimitives.WriteInt64LittleEndian(span[UnitsAt..], Geometry.Units);
        BinaryPrimitives.WriteInt32LittleEndian(span[BasePagesAt..], Geometry.BasePages);
        span[MaxLevelAt] = (byte)Geometry.MaxLevel;
        span[LevelAt] = (byte)Geometry.Level;
        BinaryPrimitives.WriteInt64LittleEndian(
            span[CreatedAt..], Created.ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteUInt32LittleEndian(span[CheckAt..], Check(span[..CheckAt]));
        return unit;
    }

    private static uint Check(ReadOnlySpan<byte> bytes)
    {
        uint check = uint.MaxValue;
        foreach (byte value in bytes)
        {
            check = BitOperations.Crc32C(check, value);
        }

        return check;
    }
}
