using System.Buffers.Binary;
using System.Numerics;
using VMSeed.Disks.Binary;
using static VMSeed.Disks.Formats.Vmdk.VmdkConstants;

namespace VMSeed.Disks.Formats.Vmdk.Headers;

/// <summary>The constant header of a space-efficient sparse extent (<c>SESPARSE</c>); offsets and
/// sizes are in sectors.</summary>
/// <remarks>VMware has not published the format; this is what QEMU's reader and images
/// tell.</remarks>
internal sealed record SeSparseHeader
{
    public const int Length = 512;

    public const ulong Magic = 0xCAFEBABE;

    /// <summary>The header that changes: its first number.</summary>
    public const ulong VolatileMagic = 0xCAFECAFE;

    private const ulong Version21 = 0x0000000200000001;

    public required long Capacity { get; init; }

    public required int GrainSectors { get; init; }

    public required int TableSectors { get; init; }

    public required long VolatileHeader { get; init; }

    public required long Directory { get; init; }

    public required long DirectorySectors { get; init; }

    public required long Tables { get; init; }

    public required long TablesSectors { get; init; }

    public required long Grains { get; init; }

    public int EntriesPerTable => TableSectors * SectorSize / sizeof(ulong);

    public int GrainSize => GrainSectors * SectorSize;

    public long TableCount =>
        (Capacity + (EntriesPerTable * (long)GrainSectors) - 1)
        / (EntriesPerTable * (long)GrainSectors);

    public static bool Recognizes(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= sizeof(ulong)
        && BinaryPrimitives.ReadUInt64LittleEndian(bytes) == Magic;

    /// <summary>Reads a header.</summary>
    /// <exception cref="DiskFormatException">It contradicts itself, or is of another
    /// version.</exception>
    public static SeSparseHeader Parse(ReadOnlySpan<byte> bytes)
    {
        Require(bytes.Length >= Length && Recognizes(bytes), "it does not begin with CAFEBABE");
        if ((ulong)Number(bytes, 1) != Version21)
        {
            throw DiskFormatException.Unsupported(
                $"The VMDK's SESPARSE extent has version {Number(bytes, 1):X}; 200000001 is read.");
        }

        Require(
            Number(bytes, 3) is >= 1 and <= GreatestGrainSectors
                && BitOperations.IsPow2(Number(bytes, 3)),
            $"its grain of {Number(bytes, 3)} sectors is not a power of two up to "
            + $"{GreatestGrainSectors}");
        Require(
            Number(bytes, 4) is >= 1 and <= 1024,
            $"its tables of {Number(bytes, 4)} sectors are not 1 to 1024 long");
        var header = new SeSparseHeader
        {
            Capacity = Number(bytes, 2),
            GrainSectors = (int)Number(bytes, 3),
            TableSectors = (int)Number(bytes, 4),
            VolatileHeader = Number(bytes, 10),
            Directory = Number(bytes, 16),
            DirectorySectors = Number(bytes, 17),
            Tables = Number(bytes, 18),
            TablesSectors = Number(bytes, 19),
            Grains = Number(bytes, 24),
        };
        header.Check();
        return header;
    }

    private void Check()
    {
        const long Most = long.MaxValue / SectorSize / 2;
        Require(Capacity is >= 0 and <= Most, $"its disk has {Capacity} sectors");
        Require(VolatileHeader is >= 1 and <= Most, "it has no volatile header");
        Require(Directory is >= 1 and <= Most, $"its directory begins at {Directory}");
        Require(Tables is >= 1 and <= Most, $"its tables begin at {Tables}");
        Require(Grains is >= 1 and <= Most, $"its grains begin at {Grains}");
        Require(
            TableCount <= GreatestTableCount
                && DirectorySectors is >= 0 and <= Most / SectorSize
                && TableCount <= DirectorySectors * (SectorSize / sizeof(ulong)),
            $"its directory of {DirectorySectors} sectors is too small for {TableCount} tables");
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw DiskFormatException.Corrupt(
                $"The header of the VMDK's SESPARSE extent is wrong: {otherwise}.");
        }
    }

    private static long Number(ReadOnlySpan<byte> bytes, int index) =>
        BinaryPrimitives.ReadInt64LittleEndian(bytes[(index * sizeof(long))..]);
}
